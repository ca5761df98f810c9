// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <uuid/uuid.h>

#include "forecast/plan.h"
#include "libnvdimm/head.h"
#include "output/units.h"
#include "system/machine.h"
#include "use/stock.h"

/* Adds a refusal if there is one */
static void keep_if(struct plan *plan, int rc, const struct pma_refusal *why)
{
	if (rc)
		*refusals_add(&plan->refusals) = *why;
}

static char *hint(struct plan *plan)
{
	if (plan->n_hints < PLAN_HINTS)
		plan->n_hints++;
	return plan->hints[plan->n_hints - 1];
}

/* The memmap of a part of a section comes from DRAM, even if the altmap has room for it */
static void hint_part(struct plan *plan, const char *which, u64 pages,
		      const struct pma_memory_model *mm)
{
	char memmap[UNITS_SIZE], bytes[UNITS_SIZE], section[UNITS_SIZE];

	if (!pages)
		return;
	snprintf(
		hint(plan), FORECAST_TEXT,
		"the %s %s are a part of a section, whose memmap of %s comes from DRAM: let the namespace %s at a multiple of %s, if its region can",
		which, units_short(pages * mm->page_size, bytes),
		units_short(pages * mm->struct_page_size, memmap),
		!strcmp(which, "first") ? "begin" : "end",
		units_short(mm->section_size, section));
}

/* Both the head and the end are rounded to align */
static void hint_align(struct plan *plan, const struct pma_memory_model *mm)
{
	char lost[UNITS_SIZE], instead[UNITS_SIZE];
	u64 used = plan->size - plan->layout.data_size, small;
	struct pma_infoblock ib;
	struct pma_refusal why;

	if (plan->layout.align <= mm->map_align ||
	    forecast_format(&ib, plan->start, plan->size, mm->map_align, true,
			    mm, &why))
		return;
	small = ib.dataoff + ib.end_trunc;
	if (used <= small)
		return;
	snprintf(
		hint(plan), FORECAST_TEXT,
		"an align of 1G leaves %s of the namespace without data, one of 2M %s: use 1G only where applications want pages of that size",
		units_short(used, lost), units_short(small, instead));
}

/* ndctl sets memmap aside for the whole range, but only whole sections take from it */
static void hint_unused(struct plan *plan, const struct pma_memory_model *mm)
{
	u64 used = plan->layout.need + plan->layout.pad;
	u64 unused = plan->layout.free - used;
	char bytes[UNITS_SIZE];

	if (unused * mm->page_size < mm->vmemmap_block ||
	    plan->layout.align > mm->map_align)
		return;
	snprintf(
		hint(plan), FORECAST_TEXT,
		"%s of the altmap are set aside and will not be used, because parts of sections take no memmap from it",
		units_short(unused * mm->page_size, bytes));
}

/* Advice about alignment */
static void add_hints(struct plan *plan, const struct pma_memory_model *mm)
{
	hint_part(plan, "first", plan->layout.head_pages, mm);
	hint_part(plan, "last", plan->layout.tail_pages, mm);
	hint_align(plan, mm);
	hint_unused(plan, mm);
}

/*
 * ndctl formats no namespace at such an address, but an older kernel may have done so. Then
 * these ways are possible, and cost what the layout says.
 */
static void take_as_it_is(struct plan *plan, struct forecast_way *way,
			  const struct pma_memory_model *mm)
{
	if (way->possible)
		return;
	way->possible = true;
	way->data_size = plan->layout.data_size;
	way->device = plan->size - way->data_size;
	way->dram = (plan->layout.head_pages + plan->layout.tail_pages) *
		    mm->struct_page_size;
}

static void finish(struct plan *plan, u64 align, u64 dram,
		   const struct pma_memory_model *mm)
{
	if (plan->laid_out)
		add_hints(plan, mm);
	forecast_ways(plan->start, plan->size, align, mm, plan->ways);
	if (plan->laid_out) {
		take_as_it_is(plan, &plan->ways[WAY_DEV], mm);
		take_as_it_is(plan, &plan->ways[WAY_ALTMAPCTL], mm);
	}
	forecast_advise(plan->ways, dram ? dram : machine_dram(), &plan->best);
}

/* Lays out a namespace as ndctl would format it, on the kernel that @mm describes */
static void lay_out_new(struct plan *plan, u64 align,
			const struct pma_memory_model *mm)
{
	struct pma_refusal why;
	int rc;

	plan->source = "format";
	rc = forecast_format(&plan->infoblock, plan->start, plan->size, align,
			     true, mm, &why);
	if (!rc)
		rc = pma_plan_infoblock(&plan->infoblock, plan->start,
					plan->size, mm, &plan->layout, &why);
	plan->laid_out = !rc;
	keep_if(plan, rc, &why);
}

/**
 * plan_size - plan a namespace that does not exist, on any machine
 * @plan: filled in
 * @start: physical address
 * @size: bytes
 * @align: bytes, as ndctl's --align
 * @dram: bytes of DRAM of the machine that will have it, 0 for those of this machine
 */
void plan_size(struct plan *plan, u64 start, u64 size, u64 align, u64 dram)
{
	struct pma_memory_model mm;

	memset(plan, 0, sizeof(*plan));
	plan->mode = "";
	plan->start = start;
	plan->size = size;
	machine_x86(&mm);
	lay_out_new(plan, align, &mm);
	finish(plan, align, dram, &mm);
}

/* Lays out a namespace by the module's own code, which refuses in the module's words */
static int lay_out_found(struct plan *plan, const struct nd_space *space,
			 const struct pma_memory_model *mm,
			 struct pma_refusal *why)
{
	u8 head[PMA_HEAD_SIZE], uuid[PMA_UUID_SIZE] = { 0 };
	int rc;

	rc = head_read(space, head, &plan->source, &plan->closed, why);
	if (!rc)
		rc = pma_infoblock_parse(head, &plan->infoblock, why);
	if (rc)
		return rc;

	/* A driver that has the namespace has checked that the block belongs to it */
	if (!strcmp(plan->source, "memory") ||
	    !strcmp(plan->source, "block device")) {
		if (*space->uuid)
			uuid_parse(space->uuid, uuid);
		rc = pma_infoblock_check_parent(&plan->infoblock, uuid, why);
		if (rc)
			return rc;
	}
	rc = pma_plan_infoblock(&plan->infoblock, space->start, space->size, mm,
				&plan->layout, why);
	plan->laid_out = !rc;
	return rc;
}

static void check_head(struct plan *plan, const struct nd_space *space)
{
	const struct pma_infoblock *ib = &plan->infoblock;
	u64 length = plan->laid_out ? (u64)ib->start_pad + ib->dataoff :
				      PMA_HEAD_SIZE;
	u64 at;

	if (!nd_bad_block(space, length, &at))
		return;
	pma_refuse(
		refusals_add(&plan->refusals), -EIO,
		"known media error at offset %llu, in the %llu bytes of head and memmap: run 'ndctl clear-errors', see 'ndctl list -M'",
		at, length);
}

/**
 * plan_namespace - plan a namespace, and touch nothing
 * @plan: filled in
 * @space: the namespace
 * @dram: bytes of DRAM, 0 for this machine's
 *
 * If its info block cannot be attached, a refusal says why, and the numbers are those of a
 * namespace of the same size that ndctl would create.
 */
void plan_namespace(struct plan *plan, const struct nd_space *space, u64 dram)
{
	struct pma_memory_model mm;
	struct pma_refusal why;
	u64 align;

	memset(plan, 0, sizeof(*plan));
	memcpy(plan->name, space->name, sizeof(plan->name));
	plan->mode = nd_mode(space);
	plan->source = "nothing";
	plan->attached = nd_ours(space);
	plan->start = space->start;
	plan->size = space->size;
	machine_model(&mm);

	if (!plan->size) {
		pma_refuse(
			refusals_add(&plan->refusals), -ENXIO,
			"has no capacity: run 'ndctl create-namespace --mode=devdax --map=dev'");
		plan->best.way = -1;
		return;
	}
	keep_if(plan, lay_out_found(plan, space, &mm, &why), &why);
	if (!plan->attached) {
		check_head(plan, space);
		keep_if(plan, machine_check_kdump(&why), &why);
		keep_if(plan,
			machine_check_range(plan->start, plan->size, &why),
			&why);
		stock_check_uses(space, &plan->refusals);
	}
	align = plan->laid_out ? plan->layout.align : 2ULL << 20;
	if (!plan->laid_out) {
		/* What is refused is the namespace that exists, not this one */
		int n = plan->refusals.n;

		lay_out_new(plan, align, &mm);
		plan->refusals.n = n;
	}
	finish(plan, align, dram, &mm);
}
