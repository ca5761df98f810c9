// SPDX-License-Identifier: GPL-2.0-only
/* Advice about alignment. Pure code. */
#include "plan.h"
#include "units.h"

static char *hint(struct plan *plan)
{
	if (plan->n_hints < PLAN_LINES)
		plan->n_hints++;
	return plan->hints[plan->n_hints - 1];
}

/* A part of a section has its memmap in DRAM whatever the altmap holds */
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

/* A large align rounds both the head and the end */
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

/* ndctl sets aside for the whole range what only its whole sections take */
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

/**
 * plan_hints - add what there is to say about a plan's alignment
 * @plan: laid out
 * @mm: the kernel
 */
void plan_hints(struct plan *plan, const struct pma_memory_model *mm)
{
	hint_part(plan, "first", plan->layout.head_pages, mm);
	hint_part(plan, "last", plan->layout.tail_pages, mm);
	hint_align(plan, mm);
	hint_unused(plan, mm);
}
