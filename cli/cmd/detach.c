// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include "attach/detach.h"
#include "cmd/command.h"
#include "cmd/options.h"
#include "output/json.h"
#include "output/say.h"

static struct detach_how how;

static const struct verb_option options[] = {
	{ OPTION_NUMBER, 't', "timeout", &how.timeout, "SECONDS",
	  "wait so long for the namespace to become free (default: 0)" },
	{ OPTION_FLAG, 'f', "force", &how.force, NULL,
	  "revoke mappings, and let the kernel wait for pinned pages" },
	{ 0 },
};

int cmd_detach(int argc, char **argv)
{
	int first = options_parse(options, "NAMESPACE [OPTIONS]", argc, argv);
	struct json_object *report, *detached;
	int status;

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (argc - first != 1) {
		say("detach: name one namespace: see 'altmapctl detach --help'");
		return STATUS_USAGE;
	}
	if (geteuid()) {
		say("detach: only root may detach: run this as root");
		return STATUS_FAILED;
	}
	report = json_report();
	detached = json_object_new_array();
	json_object_object_add(report, "detached", detached);
	status = detach_namespace(argv[first], &how, detached);
	if (status) {
		json_object_put(report);
		return status;
	}
	status = json_print(report);
	say_note("detached 1 namespace");
	return status;
}
