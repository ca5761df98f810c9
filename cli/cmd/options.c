// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>

#include "cmd/options.h"
#include "output/say.h"
#include "output/units.h"

#define MAX_OPTIONS 24

/* What getopt_long() returns for long options: numbers beyond any letter */
enum {
	LONG_HELP = 256,
	LONG_LIST,
	LONG_FIRST
};

static void print_usage(const struct verb_option *options, const char *verb,
			const char *usage)
{
	printf("usage: altmapctl %s %s\n\n", verb, usage);
	for (; options->kind; options++) {
		char left[64];

		snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
			 options->letter ? '-' : ' ',
			 options->letter ? options->letter : ' ',
			 options->letter ? "," : " ", options->name,
			 options->argument ? "=" : "",
			 options->argument ? options->argument : "");
		printf("  %-30s %s\n", left, options->help);
	}
	printf("  %-30s %s\n\nSee altmapctl-%s(1).\n", "-h, --help",
	       "show this", verb);
}

static void print_names(const struct verb_option *options)
{
	for (; options->kind; options++)
		printf("--%s%s\n", options->name, options->argument ? "=" : "");
	printf("--help\n");
}

static int parse_number(const char *text, u64 *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno)
		return -errno;
	return *end ? -EINVAL : 0;
}

static int set(const struct verb_option *option, const char *text)
{
	switch (option->kind) {
	case OPTION_FLAG:
		*(bool *)option->value = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)option->value = text;
		if (*text)
			return 0;
		say("--%s=: the argument is empty: write a %s", option->name,
		    option->argument);
		return -EINVAL;
	case OPTION_SIZE:
		if (!units_parse(text, option->value))
			return 0;
		say("--%s=%s: not a size: write one such as 1T, 8194M or 4096",
		    option->name, text);
		return -EINVAL;
	case OPTION_NUMBER:
		if (!parse_number(text, option->value))
			return 0;
		say("--%s=%s: not a number: write digits only", option->name,
		    text);
		return -EINVAL;
	default:
		return -EINVAL;
	}
}

/* In place of the messages of getopt_long(), which would not name the verb */
static void complain(const char *verb, char **argv, int c)
{
	if (optopt && optopt < LONG_HELP)
		say("%s: option -%c %s: see 'altmapctl %s --help'", verb,
		    optopt, c == ':' ? "wants an argument" : "is unknown",
		    verb);
	else
		say("%s: option %s %s: see 'altmapctl %s --help'", verb,
		    argv[optind - 1],
		    c == ':' ? "wants an argument" :
		    optopt   ? "takes no argument" :
			       "is unknown",
		    verb);
}

/**
 * options_parse - read a verb's options; objects may stand between them
 * @options: a table that ends with an empty entry
 * @usage: what follows the verb, for the usage
 * @argc: words
 * @argv: the verb and what follows it; options are moved before the objects
 *
 * Return: the index of the first object, OPTIONS_DONE or OPTIONS_WRONG.
 */
int options_parse(const struct verb_option *options, const char *usage,
		  int argc, char **argv)
{
	struct option longs[MAX_OPTIONS + 3] = {
		{ "help", no_argument, NULL, LONG_HELP },
		/* For the completion */
		{ "list-options", no_argument, NULL, LONG_LIST },
	};
	char letters[2 * MAX_OPTIONS + 4] = ":h";
	const struct verb_option *option;
	int n = 0, c;

	for (option = options; option->kind && n < MAX_OPTIONS; option++, n++) {
		size_t end = strlen(letters);

		longs[n + 2].name = option->name;
		longs[n + 2].has_arg = option->kind == OPTION_FLAG ?
					       no_argument :
					       required_argument;
		longs[n + 2].val = LONG_FIRST + n;
		if (option->letter)
			snprintf(letters + end, sizeof(letters) - end, "%c%s",
				 option->letter,
				 option->kind == OPTION_FLAG ? "" : ":");
	}

	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == 'h' || c == LONG_HELP) {
			print_usage(options, argv[0], usage);
			return OPTIONS_DONE;
		}
		if (c == LONG_LIST) {
			print_names(options);
			return OPTIONS_DONE;
		}
		if (c == '?' || c == ':') {
			complain(argv[0], argv, c);
			return OPTIONS_WRONG;
		}
		for (option = options; option->kind; option++)
			if (c == option->letter ||
			    c == LONG_FIRST + (option - options))
				break;
		if (set(option, optarg))
			return OPTIONS_WRONG;
	}
	/* An empty word is what a script makes of a variable that is not set */
	for (n = optind; n < argc; n++) {
		if (*argv[n])
			continue;
		say("%s: '' is no name: see 'altmapctl %s --help'", argv[0],
		    argv[0]);
		return OPTIONS_WRONG;
	}
	return optind;
}
