// SPDX-License-Identifier: GPL-2.0-only
#include "plan/cut.h"

#define ONE_MAP "it is attached in one map"

static bool is_pow2(u64 n)
{
	return n && !(n & (n - 1));
}

static u64 align_down(u64 n, u64 to)
{
	return n & ~(to - 1);
}

static u64 align_up(u64 n, u64 to)
{
	return align_down(n + to - 1, to);
}

static u64 max_u64(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* Bytes of the memmap of a whole section */
static u64 slice_size(const struct pma_cut *cut)
{
	return cut->section_size / cut->page_size * cut->struct_page_size;
}

/* The sums below do not wrap: no address is beyond PMA_PHYS_LIMIT */
static int check_plan(const struct pma_plan *l,
		      const struct pma_memory_model *mm,
		      struct pma_refusal *why)
{
	const u64 end = l->start + l->size;
	u64 pages;

	if (!l->size || l->size > PMA_PHYS_LIMIT ||
	    l->start > PMA_PHYS_LIMIT - l->size ||
	    (l->start | l->size) & (mm->map_align - 1))
		return pma_refuse(why, -EINVAL,
				  "plan has a range of %llu bytes at %#llx, which is no range in multiples of %llu bytes",
				  l->size, l->start, mm->map_align);
	if (l->data_start <= l->start || l->data_start >= end ||
	    l->data_size != end - l->data_start || !is_pow2(l->align) ||
	    l->align < mm->page_size ||
	    (l->data_start | l->data_size) & (l->align - 1))
		return pma_refuse(why, -EINVAL,
				  "plan has data of %llu bytes at %#llx with align %#llx, which do not fit its range [%#llx-%#llx]",
				  l->data_size, l->data_start, l->align,
				  l->start, end - 1);
	pages = (l->data_start - l->start) / mm->page_size;
	if (l->page_size != mm->page_size || l->reserve > pages ||
	    l->free != pages - l->reserve)
		return pma_refuse(why, -EINVAL,
				  "plan has reserve %llu and free %llu, in pages of %llu bytes, for a head of %llu pages of %llu bytes",
				  l->reserve, l->free, l->page_size, pages,
				  mm->page_size);
	return 0;
}

/* Without this a block would hold struct pages of two maps */
static int check_blocks(const struct pma_cut *cut,
			const struct pma_memory_model *mm,
			struct pma_refusal *why)
{
	if (slice_size(cut) % mm->vmemmap_block)
		return pma_refuse(why, -EOPNOTSUPP,
				  "the memmap of a section takes %llu bytes, no whole number of blocks of %llu bytes: "
				  ONE_MAP,
				  slice_size(cut), mm->vmemmap_block);
	return 0;
}

/*
 * Units end at multiples of their size, and in whole sections: a part of a section behind
 * the last one stays with it.
 */
static int cut_data(struct pma_cut *cut, struct pma_refusal *why)
{
	const u64 whole_end = align_down(cut->end, cut->section_size);

	cut->start = align_down(cut->data_start, cut->section_size);
	if (cut->start < whole_end)
		cut->nr_units = (whole_end - 1) / cut->unit -
				cut->start / cut->unit + 1;
	if (cut->nr_units < 2)
		return pma_refuse(why, -EOPNOTSUPP,
				  "data [%#llx-%#llx] has %llu units of %llu bytes, fewer than two: "
				  ONE_MAP,
				  cut->data_start, cut->end - 1, cut->nr_units,
				  cut->unit);
	return 0;
}

/*
 * The rehearsal's window is right before its section, and both are below the first unit.
 * With that, the first unit is not where the range begins: no map begins with a part of a
 * section, and the info block is in none.
 */
static int place_windows(struct pma_cut *cut, const struct pma_plan *l,
			 const struct pma_memory_model *mm,
			 struct pma_refusal *why)
{
	const u64 whole_end = align_down(cut->end, cut->section_size);
	const u64 need = (whole_end - cut->start) / cut->section_size;
	const u64 slice = slice_size(cut);
	u64 area, slices;

	area = align_up(l->start + l->reserve * mm->page_size,
			mm->vmemmap_block);
	cut->rehearsal = align_up(area + slice, cut->section_size);
	if (cut->rehearsal + cut->section_size > cut->start)
		return pma_refuse(why, -EOPNOTSUPP,
				  "the head of %llu bytes has no whole section of %llu bytes besides the info block and what is mapped: "
				  ONE_MAP,
				  cut->data_start - l->start,
				  cut->section_size);

	slices = (cut->data_start - area) / slice;
	if (need > slices)
		return pma_refuse(why, -ENOSPC,
				  "the head has room for the memmap of %llu sections, the data has %llu: "
				  ONE_MAP, slices, need);
	cut->windows = area + (slices - need) / 2 * slice;
	return 0;
}

/**
 * pma_cut_plan - cut a plan into units
 * @l: a plan; its numbers are not trusted
 * @mm: the kernel that attaches
 * @unit: bytes, power of two; taken as large as a section and the plan's align at least
 * @cut: filled in on success
 * @why: filled in on refusal
 *
 * Each unit has at least one whole section, and each but the last has nothing else. The
 * first unit begins with the section in which the data begins. Below it there must be a
 * whole section for the rehearsal; so a range whose data begins in its first section, or
 * in the part of a section at its start, is refused, and the start of the range is in no map.
 * A refusal is no fault of the namespace: one map holds it as before.
 *
 * Context: any.
 * Return: 0, or -EINVAL (a plan or unit that contradicts itself), -EOPNOTSUPP (cannot be
 * cut, or that gains nothing) or -ENOSPC (no room for the windows).
 */
int pma_cut_plan(const struct pma_plan *l, const struct pma_memory_model *mm,
		 u64 unit, struct pma_cut *cut, struct pma_refusal *why)
{
	int rc;

	memset(cut, 0, sizeof(*cut));

	if (!is_pow2(unit))
		return pma_refuse(why, -EINVAL,
				  "chunk of %llu bytes is no power of two",
				  unit);
	rc = check_plan(l, mm, why);
	if (rc)
		return rc;
	cut->data_start = l->data_start;
	cut->end = l->start + l->size;
	cut->unit = max_u64(unit, max_u64(l->align, mm->section_size));
	cut->page_size = mm->page_size;
	cut->struct_page_size = mm->struct_page_size;
	cut->section_size = mm->section_size;

	rc = check_blocks(cut, mm, why);
	if (!rc)
		rc = cut_data(cut, why);
	if (!rc)
		rc = place_windows(cut, l, mm, why);
	return rc;
}

/**
 * pma_cut_unit - the unit that holds a byte of the data
 * @cut: from pma_cut_plan()
 * @offset: bytes from the data's start; behind its end is as good as its last byte
 *
 * Context: any.
 * Return: number of the unit, less than nr_units.
 */
u64 pma_cut_unit(const struct pma_cut *cut, u64 offset)
{
	const u64 last = cut->nr_units - 1;
	u64 unit;

	if (offset >= cut->end - cut->data_start)
		return last;
	unit = (cut->data_start + offset) / cut->unit - cut->start / cut->unit;
	return unit < last ? unit : last;
}

static u64 unit_start(const struct pma_cut *cut, u64 unit)
{
	return unit ? (cut->start / cut->unit + unit) * cut->unit : cut->start;
}

static void fill_run(const struct pma_cut *cut, u64 start, u64 end,
		     u64 data_start, u64 window, struct pma_run *run)
{
	const u64 whole_end = align_down(end, cut->section_size);
	/* Of a pfn, the lowest bit that its physical address does not have */
	const u64 beyond = ~0ULL / cut->page_size + 1;

	run->start = start;
	run->size = end - start;
	run->data_start = data_start;
	run->data_size = end - data_start;
	run->base_pfn = start / cut->page_size;
	run->end_pfn = end / cut->page_size - 1;
	run->offset = (data_start - start) / cut->page_size;
	run->reserve = window / cut->page_size - run->base_pfn + beyond;
	run->free = run->offset - run->reserve;
	run->window = window;
	run->window_size = (whole_end - start) / cut->page_size *
			   cut->struct_page_size;
	run->need = run->window_size / cut->page_size;
	run->last_whole_pfn = whole_end / cut->page_size - 1;
	run->window_last = window + run->window_size - cut->struct_page_size;
	run->tail_memmap = (end - whole_end) / cut->page_size *
			   cut->struct_page_size;
}

/**
 * pma_cut_run - the map of a run of units
 * @cut: from pma_cut_plan()
 * @first: number of the first unit
 * @last: number of the last unit
 * @run: filled in on success
 * @why: filled in on refusal
 *
 * Runs that share no unit share no page: neither of data nor of a window.
 *
 * Context: any.
 * Return: 0, or -EINVAL where there is no such run.
 */
int pma_cut_run(const struct pma_cut *cut, u64 first, u64 last,
		struct pma_run *run, struct pma_refusal *why)
{
	u64 start, end, window;

	memset(run, 0, sizeof(*run));
	if (first > last || last >= cut->nr_units)
		return pma_refuse(why, -EINVAL,
				  "chunks %llu to %llu are no part of the %llu there are",
				  first, last, cut->nr_units);

	start = unit_start(cut, first);
	end = last < cut->nr_units - 1 ? unit_start(cut, last + 1) : cut->end;
	window = cut->windows +
		 (start - cut->start) / cut->section_size * slice_size(cut);
	fill_run(cut, start, end, max_u64(start, cut->data_start), window, run);
	return 0;
}

/**
 * pma_cut_rehearsal - a map that shows what the kernel does with such numbers
 * @cut: from pma_cut_plan()
 * @run: filled in
 *
 * One section of the head, with its window right before it: neither is the info block or data,
 * so a kernel that does otherwise can write scratch only. Both lie where the windows
 * of the units may be: the rehearsal is over before the first of these is added.
 *
 * Like all windows it is below its map. A kernel that does not heed the added bit would
 * initialise, or ask when the memmap goes, the struct pages of the window: these are there
 * if the window itself is mapped meanwhile without an altmap, a part of a section.
 *
 * Context: any.
 */
void pma_cut_rehearsal(const struct pma_cut *cut, struct pma_run *run)
{
	const u64 start = cut->rehearsal;

	fill_run(cut, start, start + cut->section_size, start,
		 start - slice_size(cut), run);
}

/**
 * pma_run_check - is a run's memmap where it was meant to be?
 * @run: the run that was added
 * @seen: what the kernel made of it
 * @why: filled in on refusal
 *
 * Context: any.
 * Return: 0, or -EIO: the map must go again, and nothing may be added in this way.
 */
int pma_run_check(const struct pma_run *run, const struct pma_run_seen *seen,
		  struct pma_refusal *why)
{
	if (seen->alloc != run->need || seen->align)
		return pma_refuse(why, -EIO,
				  "this kernel took %llu pages for the memmap of [%#llx-%#llx] and lost %llu to alignment, not %llu and 0",
				  seen->alloc, run->start,
				  run->start + run->size - 1, seen->align,
				  run->need);
	if (seen->first != run->window || seen->last != run->window_last)
		return pma_refuse(why, -EIO,
				  "this kernel put the memmap of [%#llx-%#llx] at %#llx to %#llx, not at %#llx to %#llx",
				  run->start, run->start + run->size - 1,
				  seen->first, seen->last, run->window,
				  run->window_last);
	return 0;
}
