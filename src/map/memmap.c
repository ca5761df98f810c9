// SPDX-License-Identifier: GPL-2.0-only
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "map/memmap.h"

/* Head and first tail page, VMEMMAP_RESERVE_NR; the other tails share the latter */
#define DEDUP_PAGES	2

/* Bytes for a part of a section that starts @offset pages behind the range's start. */
static u64 dedup_memmap(u64 offset, u64 nr_pages, unsigned int order)
{
	const u64 compound = 1ULL << order;

	/* The later sections of such a compound page consist of tails. */
	if (compound > PAGES_PER_SECTION)
		return IS_ALIGNED(offset, compound) ? DEDUP_PAGES << PAGE_SHIFT :
						      0;
	return ((nr_pages + compound - 1) >> order) * DEDUP_PAGES << PAGE_SHIFT;
}

/**
 * pma_memmap_dram - DRAM that the memmap of a range takes
 * @start_pfn: first page, subsection-aligned
 * @end_pfn: last page
 * @order: of the range's compound pages
 * @source: where the memmap comes from
 *
 * x86 takes the memmap of a part of a section from DRAM even with an altmap, see
 * vmemmap_populate() in arch/x86/mm/init_64.c. Where System RAM reaches into the
 * section, section_activate() in mm/sparse.c uses the memmap that boot made for all of
 * it: such a part costs nothing more. Page tables are not counted.
 *
 * Context: any. Before and after the range is added the answer is the same.
 * Return: bytes.
 */
u64 pma_memmap_dram(u64 start_pfn, u64 end_pfn, unsigned int order,
		    enum pma_memmap_source source)
{
	u64 pfn, next, nr_pages, bytes = 0;

	for (pfn = start_pfn; pfn <= end_pfn; pfn = next) {
		struct mem_section *ms = __pfn_to_section(pfn);

		next = min_t(u64, end_pfn + 1,
			     SECTION_ALIGN_DOWN(pfn) + PAGES_PER_SECTION);
		nr_pages = next - pfn;
		if (nr_pages < PAGES_PER_SECTION) {
			if (valid_section(ms) && early_section(ms))
				continue;
		} else if (source == PMA_MEMMAP_ALTMAP) {
			continue;
		}
		if (source == PMA_MEMMAP_DEDUP)
			bytes += dedup_memmap(pfn - start_pfn, nr_pages, order);
		else
			bytes += nr_pages * sizeof(struct page);
	}
	return bytes;
}

/**
 * pma_memmap_present - is there a memmap in a range?
 * @start_pfn: first page, subsection-aligned
 * @end_pfn: last page
 *
 * This reads the map of subsections, of 2 MiB each, which section_activate() in mm/sparse.c
 * keeps. In a section that boot made, the map has what was System RAM then.
 *
 * Context: process, may sleep. Memory that is added or removed meanwhile may be found or not.
 * Return: the first page of the first subsection that has a memmap; end_pfn + 1 if none has.
 */
u64 pma_memmap_present(u64 start_pfn, u64 end_pfn)
{
	u64 pfn, next;

	for (pfn = start_pfn; pfn <= end_pfn; pfn = next) {
		struct mem_section *ms = __pfn_to_section(pfn);
		bool present = false;

		next = SECTION_ALIGN_DOWN(pfn) + PAGES_PER_SECTION;
		/* section_deactivate() frees the map of subsections after a grace period. */
		rcu_read_lock();
		if (valid_section(ms)) {
			next = pfn + PAGES_PER_SUBSECTION;
			present = pfn_section_valid(ms, pfn);
		}
		rcu_read_unlock();
		if (present)
			return pfn;
		cond_resched();
	}
	return end_pfn + 1;
}
