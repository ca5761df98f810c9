// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/options.h"
#include "output/say.h"
#include "output/standard.h"
#include "system/child.h"

#ifndef ALTMAPCTL_VERSION
#error "the Makefile says which version this is"
#endif

static int cmd_help(int argc, char **argv);
static int cmd_version(int argc, char **argv);

static const struct command commands[] = {
	{ "list", "show what is attached, or every altmap of the system",
	  cmd_list },
	{ "plan", "say what attaching would do, and touch nothing", cmd_plan },
	{ "attach", "take a namespace from the stock driver and attach it",
	  cmd_attach },
	{ "detach", "detach a namespace and give it back to the stock driver",
	  cmd_detach },
	{ "monitor", "print adds and removes as they happen", cmd_monitor },
	{ "metrics", "print counters for Prometheus", cmd_metrics },
	{ "doctor", "check what attaching needs, and say what to do",
	  cmd_doctor },
	{ "help", "show the manual page of a verb", cmd_help },
	{ "version", "print the version", cmd_version },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_usage(void)
{
	size_t i;

	printf("usage: altmapctl VERB [OBJECT] [OPTIONS]\n\n");
	for (i = 0; i < N_COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	printf("\nSee 'altmapctl VERB --help' and altmapctl(1).\n");
}

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static const struct verb_option no_options[] = {
	{ 0 },
};

static int cmd_help(int argc, char **argv)
{
	int first = options_parse(no_options, "[VERB]", argc, argv);
	char page[64];
	int rc;

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (first == argc) {
		print_usage();
		return STATUS_OK;
	}
	if (argc - first > 1) {
		say("help: '%s' is one word too many", argv[first + 1]);
		return STATUS_USAGE;
	}
	if (!find(argv[first])) {
		say("no verb '%s': see 'altmapctl help'", argv[first]);
		return STATUS_USAGE;
	}
	snprintf(page, sizeof(page), "altmapctl-%s", argv[first]);
	rc = child_man(page);
	if (rc < 0)
		say("cannot run man: %s: try 'altmapctl %s --help'",
		    strerror(-rc), argv[first]);
	else if (rc)
		say("man does not show the page %s: try 'altmapctl %s --help'",
		    page, argv[first]);
	return rc ? STATUS_FAILED : STATUS_OK;
}

static int cmd_version(int argc, char **argv)
{
	int first = options_parse(no_options, "[OPTIONS]", argc, argv);

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (first != argc) {
		say("version: '%s' is one word too many", argv[first]);
		return STATUS_USAGE;
	}
	printf("%s\n", ALTMAPCTL_VERSION);
	return STATUS_OK;
}

static int run(int argc, char **argv)
{
	const struct command *command;
	size_t i;

	if (argc < 2) {
		fprintf(stderr,
			"usage: altmapctl VERB [OBJECT] [OPTIONS]: see 'altmapctl --help'\n");
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_usage();
		return STATUS_OK;
	}
	if (!strcmp(argv[1], "--version"))
		return cmd_version(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--list-cmds")) {
		for (i = 0; i < N_COMMANDS; i++)
			printf("%s\n", commands[i].name);
		return STATUS_OK;
	}

	command = find(argv[1]);
	if (!command) {
		say("no verb '%s': see 'altmapctl --help'", argv[1]);
		return STATUS_USAGE;
	}
	return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	if (!output_begin())
		return STATUS_FAILED;
	/* Only letters follow the locale: numbers of JSON and of metrics must not */
	setlocale(LC_CTYPE, "");
	return output_end(run(argc, argv));
}
