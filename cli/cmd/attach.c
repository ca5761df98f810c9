// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach/attach.h"
#include "attach/config.h"
#include "cmd/command.h"
#include "cmd/options.h"
#include "output/json.h"
#include "output/say.h"
#include "system/paths.h"

static bool all, check_config, human;
static const char *folder;

static const struct verb_option options[] = {
	{ OPTION_FLAG, 'A', "all", &all, NULL,
	  "every namespace that the configuration names" },
	{ OPTION_FLAG, 'C', "check-config", &check_config, NULL,
	  "only if the configuration names it" },
	{ OPTION_TEXT, 'c', "config", &folder, "FOLDER",
	  "the configuration (default: " PATH_CONFIG ")" },
	{ OPTION_FLAG, 'u', "human", &human, NULL, "sizes with units" },
	{ 0 },
};

static int run(const char *name, struct json_object *attached)
{
	if (all || check_config)
		return attach_configured(folder, all ? NULL : name, attached,
					 human);
	return attach_namespace(name, NULL, attached, human);
}

int cmd_attach(int argc, char **argv)
{
	int first =
		options_parse(options, "NAMESPACE|--all [OPTIONS]", argc, argv);
	struct json_object *report, *attached;
	int status, printed = STATUS_OK;
	size_t n;

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (argc - first != !all || (all && check_config)) {
		say("attach: name one namespace, or say --all: see 'altmapctl attach --help'");
		return STATUS_USAGE;
	}
	if (geteuid()) {
		say("attach: only root may attach: run this as root");
		return STATUS_FAILED;
	}

	report = json_report();
	attached = json_object_new_array();
	json_object_object_add(report, "attached", attached);
	status = run(argv[first], attached);
	n = json_object_array_length(attached);
	if (n) {
		printed = json_print(report);
		say_note("attached %zu namespace%s", n, n == 1 ? "" : "s");
	} else {
		json_object_put(report);
	}
	return status ? status : printed;
}
