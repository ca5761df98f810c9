// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/memremap.h>
#include <linux/module.h>

#include "compat/compat.h"
#include "compat/page.h"
#include "show/census.h"
#include "show/others.h"
#include "trace/trace.h"

static bool time_others;
module_param(time_others, bool, 0444);
MODULE_PARM_DESC(time_others, "trace and time the adds and removes of device memory by other drivers, by kretprobes (default: N)");

#ifdef CONFIG_KRETPROBES

/* Copied when a call begins, since the pagemap may be gone when the call ends. */
struct call {
	const struct dev_pagemap *pgmap;
	const char *type;
	struct range range;
	u64 start_ns;
};

/* Both functions have the pagemap as first argument. A nonzero result skips the call. */
static int call_begins(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct dev_pagemap *pgmap = (void *)regs_get_kernel_argument(regs, 0);
	struct call *call = (void *)ri->data;

	if (!pgmap || pgmap->owner == THIS_MODULE || pgmap->nr_range < 1)
		return 1;
	*call = (struct call) {
		.pgmap = pgmap,
		.type = pma_census_type(pgmap),
		.range = pgmap->range,
		.start_ns = ktime_get_ns(),
	};
	return 0;
}

static int add_ends(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct call *call = (void *)ri->data;
	const u64 duration = ktime_get_ns() - call->start_ns;
	const void *addr = (void *)regs_return_value(regs);
	unsigned long alloc = 0;

	if (call->pgmap->flags & PGMAP_ALTMAP_VALID)
		alloc = call->pgmap->altmap.alloc;
	trace_pmem_altmap_other_add(call->type, call->range.start,
				    range_len(&call->range),
				    PTR_ERR_OR_ZERO(addr), duration, alloc);
	return 0;
}

static int remove_ends(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct call *call = (void *)ri->data;

	trace_pmem_altmap_other_remove(call->type, call->range.start,
				       range_len(&call->range),
				       ktime_get_ns() - call->start_ns);
	return 0;
}

static struct kretprobe add_probe = {
	.kp.symbol_name = "memremap_pages",
	.entry_handler = call_begins,
	.handler = add_ends,
	.data_size = sizeof(struct call),
	.maxactive = 64,
};

static struct kretprobe remove_probe = {
	.kp.symbol_name = "memunmap_pages",
	.entry_handler = call_begins,
	.handler = remove_ends,
	.data_size = sizeof(struct call),
	.maxactive = 64,
};

static struct kretprobe *probes[] = { &add_probe, &remove_probe };

/**
 * pma_others_init - begin to trace other drivers, if the parameter time_others is set
 *
 * If it is not set, no probe is registered. When the kernel refuses the probes, for example
 * under lockdown, the log says so, and that is no error.
 *
 * Context: process, may sleep.
 */
void pma_others_init(void)
{
	int rc;

	if (!time_others)
		return;
	rc = register_kretprobes(probes, ARRAY_SIZE(probes));
	if (rc) {
		pr_warn("time_others: the kernel refuses the probes (error %d): adds and removes by other drivers are not traced\n",
			rc);
		time_others = false;
	}
}

/**
 * pma_others_exit - undo pma_others_init()
 *
 * Context: process, may sleep.
 */
void pma_others_exit(void)
{
	if (time_others)
		unregister_kretprobes(probes, ARRAY_SIZE(probes));
}

#else

void pma_others_init(void)
{
	if (time_others)
		pr_warn("time_others: this kernel has no kretprobes: adds and removes by other drivers are not traced\n");
}

void pma_others_exit(void)
{
}

#endif
