// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <uuid/uuid.h>

#include "head.h"
#include "machine.h"
#include "plan.h"

/**
 * plan_refusal - room for one more refusal
 * @plan: the plan
 *
 * Return: the room; the last one when all is taken.
 */
struct pma_refusal *plan_refusal(struct plan *plan)
{
	if (plan->n_refusals < PLAN_LINES)
		plan->n_refusals++;
	return &plan->refusals[plan->n_refusals - 1];
}

/* A check that has refused keeps its room */
static void keep_if(struct plan *plan, int rc, const struct pma_refusal *why)
{
	if (rc)
		*plan_refusal(plan) = *why;
}

/*
 * What ndctl would not format at such an address may be there all the same, from an older
 * kernel or "ndctl write-infoblock": it is what it is.
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
		plan_hints(plan, mm);
	forecast_ways(plan->start, plan->size, align, mm, plan->ways);
	if (plan->laid_out) {
		take_as_it_is(plan, &plan->ways[WAY_DEV], mm);
		take_as_it_is(plan, &plan->ways[WAY_ALTMAPCTL], mm);
	}
	forecast_advise(plan->ways, dram ? dram : machine_dram(), &plan->best);
}

/* As ndctl would format it, for the machine's kernel or any other */
static void lay_out_new(struct plan *plan, u64 align,
			const struct pma_memory_model *mm)
{
	struct pma_refusal why;
	int rc;

	plan->source = "format";
	rc = forecast_format(&plan->infoblock, plan->start, plan->size, align,
			     true, mm, &why);
	if (!rc)
		rc = pma_layout_plan(&plan->infoblock, plan->start, plan->size,
				     mm, &plan->layout, &why);
	plan->laid_out = !rc;
	keep_if(plan, rc, &why);
}

/**
 * plan_size - plan a namespace that is not there; works on any machine
 * @plan: filled in
 * @start: physical address
 * @size: bytes
 * @align: bytes, as ndctl's --align
 * @dram: bytes of DRAM of the machine, 0 for this one's
 */
void plan_size(struct plan *plan, u64 start, u64 size, u64 align, u64 dram)
{
	struct pma_memory_model mm;

	memset(plan, 0, sizeof(*plan));
	plan->mode = "";
	plan->start = start;
	plan->size = size;
	forecast_x86(&mm);
	lay_out_new(plan, align, &mm);
	finish(plan, align, dram, &mm);
}

/* The module's own checks, in its own words */
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

	/* Where a driver has it, that has checked whose block it is */
	if (!strcmp(plan->source, "memory") ||
	    !strcmp(plan->source, "block device")) {
		if (*space->uuid)
			uuid_parse(space->uuid, uuid);
		rc = pma_infoblock_check_parent(&plan->infoblock, uuid, why);
		if (rc)
			return rc;
	}
	rc = pma_layout_plan(&plan->infoblock, space->start, space->size, mm,
			     &plan->layout, why);
	plan->laid_out = !rc;
	return rc;
}

static void check_head(struct plan *plan, const struct nd_space *space)
{
	u64 length = plan->laid_out ? plan->infoblock.dataoff : PMA_HEAD_SIZE;
	u64 at;

	if (!nd_bad_block(space, length, &at))
		return;
	pma_refuse(
		plan_refusal(plan), -EIO,
		"known media error at offset %llu, in the %llu bytes of head and memmap: run 'ndctl clear-errors', see 'ndctl list -M'",
		at, length);
}

/**
 * plan_namespace - plan a namespace, and touch nothing
 * @plan: filled in
 * @space: the namespace
 * @dram: bytes of DRAM, 0 for this machine's
 *
 * Where its info block cannot be attached, the refusal says so and the numbers are
 * those of a namespace of the same size that ndctl would make anew.
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
			plan_refusal(plan), -ENXIO,
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
		plan_check_uses(space, plan);
	}
	align = plan->laid_out ? plan->layout.align : 2ULL << 20;
	if (!plan->laid_out) {
		/* Its own refusals would be noise here */
		int n = plan->n_refusals;

		lay_out_new(plan, align, &mm);
		plan->n_refusals = n;
	}
	finish(plan, align, dram, &mm);
}
