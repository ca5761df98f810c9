// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>

#include "cmd/command.h"
#include "cmd/options.h"
#include "forecast/plan.h"
#include "output/json.h"
#include "output/say.h"
#include "output/units.h"

#define GIB (1ULL << 30)

static u64 align = 2ULL << 20;
static u64 start = 4 * GIB;
static u64 dram;
static bool human;

static const struct verb_option options[] = {
	{ OPTION_SIZE, 'a', "align", &align, "SIZE",
	  "with a SIZE: 4K, 2M (default) or 1G" },
	{ OPTION_SIZE, 's', "start", &start, "ADDRESS",
	  "with a SIZE: the physical address (default 4G)" },
	{ OPTION_SIZE, 'd', "dram", &dram, "SIZE",
	  "DRAM to compare with (default: this machine's)" },
	{ OPTION_FLAG, 'u', "human", &human, NULL, "sizes with units" },
	{ 0 },
};

static int print(const struct plan *plan)
{
	struct json_object *report = json_report();
	int rc;

	json_object_object_add(report, "plan", plan_json(plan, human));
	rc = json_print(report);
	if (rc)
		return rc;
	return plan->refusals.n ? STATUS_REFUSED : STATUS_OK;
}

static int plan_of_name(const char *name)
{
	struct ndctl_ctx *ctx = nd_open();
	struct nd_space space;
	struct plan plan;
	int status;

	if (!ctx)
		return STATUS_FAILED;
	if (!nd_find(ctx, name, &space)) {
		say("plan: '%s' is neither a namespace of this machine, see 'ndctl list -Ni', nor a size such as 1T",
		    name);
		status = STATUS_NOT_FOUND;
	} else {
		plan_namespace(&plan, &space, dram);
		status = print(&plan);
	}
	ndctl_unref(ctx);
	return status;
}

int cmd_plan(int argc, char **argv)
{
	int first =
		options_parse(options, "NAMESPACE|SIZE [OPTIONS]", argc, argv);
	struct plan plan;
	u64 size;
	int rc;

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (argc - first != 1) {
		say("plan: name one namespace or size: see 'altmapctl plan --help'");
		return STATUS_USAGE;
	}
	if (align != 4096 && align != 2ULL << 20 && align != GIB) {
		say("plan: an align of %llu bytes cannot be mapped: choose 4K, 2M or 1G",
		    align);
		return STATUS_USAGE;
	}
	rc = units_parse(argv[first], &size);
	if (rc == -ERANGE) {
		say("plan: %s: too large", argv[first]);
		return STATUS_USAGE;
	}
	/* JSON has signed numbers */
	if (!rc && (size > INT64_MAX || start > INT64_MAX)) {
		say("plan: %llu bytes at %#llx: too large", size, start);
		return STATUS_USAGE;
	}
	if (rc)
		return plan_of_name(argv[first]);
	plan_size(&plan, start, size, align, dram);
	return print(&plan);
}
