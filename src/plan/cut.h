/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a checked plan to chunks: many maps of one range, each with its memmap in a
 * slice of the range's head. Pure code: also built into the tests.
 *
 *	start         first_unit   data_start                         end
 *	| head ........... | D pages | unit 0 | unit 1 | ... | unit n - 1 |
 *	  ^ info block, spare, windows, spare
 *
 * State is kept by unit, and a map covers a run of units. The kernel wants an altmap's
 * base to be the map's first pfn, and takes the memmap from base + reserve onwards, in
 * unsigned long. So a map [B, E) whose memmap shall begin at pfn W, with D pages at B
 * that are no data, has
 *
 *	reserve = (W - B) + 2^(64 - PAGE_SHIFT)
 *	free    = D - reserve                    (all modulo 2^64)
 *	align   = 0, alloc = 0
 *
 * reserve + free is D: there the data begins for the kernel. base + reserve is W and a bit
 * that is shifted out where a pfn becomes an address. memmap_init_range() initialises the
 * struct pages from base + reserve to B + D. All windows lie below B, so without the bit
 * these would be live pages of other maps; with it there are none. The kernel's
 * check for room always passes, as free is huge: windows that overlap would overwrite a
 * neighbour's memmap. A whole section takes exactly its own slice; a part of one takes DRAM.
 *
 * The head is in no map, but for the D pages. The slices of its own sections are spare: half of
 * them lie before the first window and half behind the last one, so that next to the
 * info block and to the data there is scratch.
 */
#ifndef PMA_CUT_H
#define PMA_CUT_H

#include "plan/plan.h"
#include "plan/refusal.h"

/**
 * struct pma_cut - a range that is mapped in runs of units
 * @start: physical address of the first unit, a section's start
 * @data_start: physical address, in the first section of the first unit
 * @end: physical address behind the last unit, perhaps within a section
 * @unit: bytes, power of two; units end at its multiples
 * @nr_units: at least 2; the first and the last may be shorter than @unit, and the last
 *	longer by a part of a section
 * @windows: physical address of the first unit's window; those of the others follow
 * @rehearsal: physical address of the section for pma_cut_rehearsal()
 * @page_size: bytes
 * @struct_page_size: bytes
 * @section_size: bytes
 */
struct pma_cut {
	u64 start;
	u64 data_start;
	u64 end;
	u64 unit;
	u64 nr_units;
	u64 windows;
	u64 rehearsal;
	u64 page_size;
	u64 struct_page_size;
	u64 section_size;
};

/**
 * struct pma_run - one map: a run of units, or a rehearsal
 * @start: physical address, a section's start
 * @size: bytes
 * @data_start: physical address
 * @data_size: bytes
 * @base_pfn: first pfn, the altmap's base
 * @end_pfn: last pfn
 * @offset: pages at the start that are no data; their struct pages stay uninitialised
 * @reserve: the altmap's, a wrapped number
 * @free: the altmap's, a wrapped number
 * @window: physical address of the memmap of the whole sections
 * @window_size: bytes, all of which the kernel must take
 * @need: pages of the window
 * @last_whole_pfn: last pfn whose struct page is in the window
 * @window_last: physical address of the struct page of @last_whole_pfn
 * @tail_memmap: bytes of memmap of the part of a section at the end: these are DRAM,
 *	unless System RAM reaches into that section
 */
struct pma_run {
	u64 start;
	u64 size;
	u64 data_start;
	u64 data_size;
	u64 base_pfn;
	u64 end_pfn;
	u64 offset;
	u64 reserve;
	u64 free;
	u64 window;
	u64 window_size;
	u64 need;
	u64 last_whole_pfn;
	u64 window_last;
	u64 tail_memmap;
};

/**
 * struct pma_run_seen - what the kernel made of a run
 * @alloc: pages, of the altmap
 * @align: pages, of the altmap
 * @first: physical address of the struct page of the run's base_pfn
 * @last: physical address of the struct page of the run's last_whole_pfn
 */
struct pma_run_seen {
	u64 alloc;
	u64 align;
	u64 first;
	u64 last;
};

int pma_cut_plan(const struct pma_plan *l, const struct pma_memory_model *mm,
		 u64 unit, struct pma_cut *cut, struct pma_refusal *why);
u64 pma_cut_unit(const struct pma_cut *cut, u64 offset);
int pma_cut_run(const struct pma_cut *cut, u64 first, u64 last,
		struct pma_run *run, struct pma_refusal *why);
void pma_cut_rehearsal(const struct pma_cut *cut, struct pma_run *run);
int pma_run_check(const struct pma_run *run, const struct pma_run_seen *seen,
		  struct pma_refusal *why);

#endif /* PMA_CUT_H */
