// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "compat/compat.h"
#include "compat/page.h"
#include "map/pins.h"
#include "trace/trace.h"

/**
 * pma_map_touch - pages are about to be mapped into user space
 * @map: a live map
 * @pfn: of the first
 * @nr_pages: a power of two that @pfn is a multiple of
 *
 * Only pages of sections that were touched are ever looked at for references: a
 * page is taken by way of the page tables that it is in. Who hands pages out in
 * another way must say so by pma_map_take().
 *
 * Context: any. What a fault touches is seen by those who wait for faults to end.
 */
void pma_map_touch(struct pma_map *map, u64 pfn, u64 nr_pages)
{
	const u64 step = max_t(u64, 1ULL << map->order, PAGES_PER_SECTION);
	const u64 end = pfn + nr_pages;
	unsigned long section;

	/* Sections of tails only are left out */
	for (; pfn < end; pfn += step) {
		section = pma_map_section(map, pfn);
		if (!test_bit(section, map->touched))
			set_bit(section, map->touched);
	}
}

/**
 * pma_map_take - a page is about to be handed to another module
 * @map: a live map
 * @pfn: a data page; a tail counts as its head
 *
 * Context: any. Seen by those who wait until no module has the map any more.
 */
void pma_map_take(struct pma_map *map, u64 pfn)
{
	const u64 head = ALIGN_DOWN(pfn, 1ULL << map->order);
	const unsigned long section = pma_map_section(map, head);

	if (!test_bit(section, map->touched))
		set_bit(section, map->touched);
	if (!test_bit(section, map->taken))
		set_bit(section, map->taken);
}

/**
 * pma_map_take_all - pages may be taken by a module that was handed none
 * @map: not added yet
 *
 * Context: any.
 */
void pma_map_take_all(struct pma_map *map)
{
	bitmap_fill(map->taken, pma_map_nr_sections(map));
	bitmap_fill(map->touched, pma_map_nr_sections(map));
}

/**
 * pma_map_next_touched - the next data page that is in a page table, or was
 * @map: a live map
 * @pfn: a data page and no tail, or behind the last
 *
 * The struct pages of reserve are uninitialised, those of the memmap have no pgmap: neither
 * is looked at by who begins with the data.
 *
 * Context: any.
 * Return: the first page at or behind @pfn of a section that was touched, no tail;
 * end_pfn + 1 if there is none.
 */
u64 pma_map_next_touched(const struct pma_map *map, u64 pfn)
{
	const unsigned long nr = pma_map_nr_sections(map);
	unsigned long section;

	if (pfn > map->layout.end_pfn)
		return map->layout.end_pfn + 1;
	section = find_next_bit(map->touched, nr, pma_map_section(map, pfn));
	if (section >= nr)
		return map->layout.end_pfn + 1;
	section += pfn_to_section_nr(map->layout.base_pfn);
	return max_t(u64, pfn, section_nr_to_pfn(section));
}

/*
 * Data pages of one section, [first, end). What is mapped does not make one held if only pins
 * count: our node's mappings are revoked before anybody asks, and references of theirs that are
 * left are lost (since v6.15, with the entry of a page of 1 GiB that mremap() takes for broken).
 * Another module's own mappings are not ours to revoke.
 */
struct part {
	struct page *first;
	struct page *end;
	u64 end_pfn;
	bool pins;
};

/* Of a compound page the head has all references */
static bool is_held(const struct pma_map *map, struct page *page, bool pins)
{
	const int refs = page_ref_count(page) - map->idle_refs;

	return refs > 0 && (!pins || refs > pma_mapped_refs(page));
}

/* What there is at or behind @pfn of the next section that was touched */
static bool next_part(const struct pma_map *map, u64 pfn, bool pins, struct part *part)
{
	pfn = pma_map_next_touched(map, pfn);
	if (pfn > map->layout.end_pfn)
		return false;
	part->end_pfn = min_t(u64, ALIGN(pfn + 1, PAGES_PER_SECTION),
			      map->layout.end_pfn + 1);
	/* vmemmap is one array */
	part->first = pfn_to_page(pfn);
	part->end = part->first + (part->end_pfn - pfn);
	part->pins = pins || !test_bit(pma_map_section(map, pfn), map->taken);
	return true;
}

/* The first held data page at or behind @pfn, end_pfn + 1 if there is none */
static u64 next_held(const struct pma_map *map, u64 pfn)
{
	const unsigned long step = 1UL << map->order;
	struct page *page;
	struct part part;

	for (; next_part(map, pfn, false, &part); pfn = part.end_pfn) {
		for (page = part.first; page < part.end; page += step)
			if (is_held(map, page, part.pins))
				return page_to_pfn(page);
		cond_resched();
	}
	return map->layout.end_pfn + 1;
}

static u64 count_held(const struct pma_map *map, bool pins, bool killable)
{
	const unsigned long step = 1UL << map->order;
	u64 pfn = map->layout.base_pfn + pma_map_offset(map);
	struct page *page;
	struct part part;
	u64 held = 0;

	for (; next_part(map, pfn, pins, &part); pfn = part.end_pfn) {
		for (page = part.first; page < part.end; page += step)
			if (is_held(map, page, part.pins))
				held += step;
		if (killable && fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return held;
}

/**
 * pma_map_pinned - count the data pages that somebody holds who does not map them
 * @map: a live map
 * @pinned: pages with more references than an idle one's and those of user mappings; a
 *	compound page counts with all its pages
 *
 * Context: process, may sleep; takes milliseconds per GiB of 4 KiB pages that were
 * touched.
 * Return: 0 or -EINTR when the caller is being killed.
 */
int pma_map_pinned(const struct pma_map *map, u64 *pinned)
{
	*pinned = count_held(map, true, true);
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/**
 * pma_map_held - count the data pages that somebody holds
 * @map: a live map; user mappings of its node are revoked, if it has one
 * @killable: give up when the caller is being killed
 * @held: as pma_map_pinned() counts, and what is mapped of the sections that another module
 *	has pages of
 *
 * Context: as pma_map_pinned().
 * Return: 0 or -EINTR.
 */
int pma_map_held(const struct pma_map *map, bool killable, u64 *held)
{
	*held = count_held(map, false, killable);
	return killable && fatal_signal_pending(current) ? -EINTR : 0;
}

/**
 * pma_map_drain - wait until no data page is held any more
 * @map: a live map; user mappings of its node are revoked, so that no page can be taken
 * @dev: for the log
 *
 * What counts is what pma_map_held() counts.
 *
 * Since v5.18 (27674ef6c73f) memunmap_pages() does not wait for users of these
 * pages, it takes the memmap away under them; before, it waited in silence.
 *
 * Context: process, may sleep; waits without a limit, and says every 10 seconds
 * what for.
 */
void pma_map_drain(const struct pma_map *map, struct device *dev)
{
	const unsigned long start = jiffies;
	unsigned long next_word = start + 10 * HZ;
	u64 pfn = map->layout.base_pfn + pma_map_offset(map);
	bool waited = false, kept = false;
	unsigned int seconds;
	u64 pinned;

	while ((pfn = next_held(map, pfn)) <= map->layout.end_pfn) {
		if (!waited || time_after_eq(jiffies, next_word)) {
			seconds = jiffies_to_msecs(jiffies - start) / 1000;
			pinned = count_held(map, false, false);
			trace_pmem_altmap_pinned_wait(dev, pinned, pfn, seconds);
			dev_warn(dev, "detaching, but %llu data pages are still pinned (first at offset %#llx, for %u s): end what holds them, such as io_uring or RDMA buffers\n",
				 pinned,
				 PFN_PHYS(pfn) - map->layout.data_start,
				 seconds);
			if (waited)
				next_word += 10 * HZ;
			else
				/* Unloading now would hang until the end of the wait */
				kept = try_module_get(THIS_MODULE);
			waited = true;
		}
		/* Idle, not blocked: it is nobody's fault in this kernel */
		schedule_timeout_idle(HZ / 20);
	}
	if (kept)
		module_put(THIS_MODULE);
}
