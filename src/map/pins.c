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
 * pma_map_touch - note that pages are about to be mapped into user space
 * @map: a live map
 * @pfn: the first page
 * @nr_pages: a power of two that @pfn is a multiple of
 *
 * Only pages of sections that were touched are looked at for references, since user space gets
 * a page by way of the page tables only. A caller that hands out pages in another way calls
 * pma_map_take() instead.
 *
 * Context: any. A task that waits for the end of faults sees the bits that they have set.
 */
void pma_map_touch(struct pma_map *map, u64 pfn, u64 nr_pages)
{
	const u64 step = max_t(u64, 1ULL << map->order, PAGES_PER_SECTION);
	const u64 end = pfn + nr_pages;
	unsigned long section;

	/* The step passes over sections that have only tails of a compound page. */
	for (; pfn < end; pfn += step) {
		section = pma_map_section(map, pfn);
		if (!test_bit(section, map->touched))
			set_bit(section, map->touched);
	}
}

/**
 * pma_map_take - note that a page is about to be handed to another module
 * @map: a live map
 * @pfn: a data page; a tail counts as its head
 *
 * Context: any. A task that waits until no module has the range sees the bits that are set.
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
 * pma_map_take_all - note that a module may take any page without being handed one
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
 * pma_map_next_touched - find the next data page that is, or was, in a page table
 * @map: a live map
 * @pfn: a data page that is no tail, or the page behind the last
 *
 * A caller must begin with the data: the struct pages of the reserve are uninitialised, and
 * those of the memmap have no pgmap.
 *
 * Context: any.
 * Return: the first page at or behind @pfn, and no tail, in a section that was touched;
 * end_pfn + 1 if there is none.
 */
u64 pma_map_next_touched(const struct pma_map *map, u64 pfn)
{
	const unsigned long nr = pma_map_nr_sections(map);
	unsigned long section;

	if (pfn > map->plan->end_pfn)
		return map->plan->end_pfn + 1;
	section = find_next_bit(map->touched, nr, pma_map_section(map, pfn));
	if (section >= nr)
		return map->plan->end_pfn + 1;
	section += pfn_to_section_nr(map->plan->base_pfn);
	return max_t(u64, pfn, section_nr_to_pfn(section));
}

/*
 * Data pages of one section, [first, end). If @pins is set, the references of user mappings do
 * not count. All mappings of our node are revoked before anything is removed, and a reference of
 * a mapping that is left then is a lost one (since v6.15, mremap() loses that of a 1 GiB page
 * which it takes for broken). A mapping that another module has made cannot be revoked, so in
 * sections that were handed to other modules it counts.
 */
struct part {
	struct page *first;
	struct page *end;
	u64 end_pfn;
	bool pins;
};

/* The head of a compound page has all of its references. */
static bool is_held(const struct pma_map *map, struct page *page, bool pins)
{
	const int refs = page_ref_count(page) - map->idle_refs;

	return refs > 0 && (!pins || refs > pma_mapped_refs(page));
}

/* Finds what lies at or behind @pfn of the next section that was touched. */
static bool next_part(const struct pma_map *map, u64 pfn, bool pins, struct part *part)
{
	pfn = pma_map_next_touched(map, pfn);
	if (pfn > map->plan->end_pfn)
		return false;
	part->end_pfn = min_t(u64, ALIGN(pfn + 1, PAGES_PER_SECTION),
			      map->plan->end_pfn + 1);
	/* The vmemmap is one array, so pages can be reached by arithmetic. */
	part->first = pfn_to_page(pfn);
	part->end = part->first + (part->end_pfn - pfn);
	part->pins = pins || !test_bit(pma_map_section(map, pfn), map->taken);
	return true;
}

/* Returns the first held data page at or behind @pfn, end_pfn + 1 if there is none. */
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
	return map->plan->end_pfn + 1;
}

static u64 count_held(const struct pma_map *map, bool pins, bool killable)
{
	const unsigned long step = 1UL << map->order;
	u64 pfn = map->plan->base_pfn + pma_map_offset(map);
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
 * pma_map_pinned - count the data pages that have references besides those of mappings
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
 * pma_map_held - count the data pages that a removal would wait for
 * @map: a live map; if it has a node, all mappings of the node are revoked
 * @killable: give up when the caller is being killed
 * @held: the pages that pma_map_pinned() counts, and pages of sections that were handed to
 *	other modules and that are mapped
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
 * @map: a live map; if it has a node, its mappings are revoked, so that no page can be taken
 * @dev: for the log
 *
 * This waits for the pages that pma_map_held() counts. Since v5.18 (27674ef6c73f)
 * memunmap_pages() does not wait for users of these pages, but takes the memmap away under
 * them; before, it waited in silence.
 *
 * Context: process, may sleep; waits without a limit, and says every 10 seconds what for.
 */
void pma_map_drain(const struct pma_map *map, struct device *dev)
{
	const unsigned long start = jiffies;
	unsigned long next_word = start + 10 * HZ;
	u64 pfn = map->plan->base_pfn + pma_map_offset(map);
	bool waited = false, kept = false;
	unsigned int seconds;
	u64 pinned;

	while ((pfn = next_held(map, pfn)) <= map->plan->end_pfn) {
		if (!waited || time_after_eq(jiffies, next_word)) {
			seconds = jiffies_to_msecs(jiffies - start) / 1000;
			pinned = count_held(map, false, false);
			trace_pmem_altmap_pinned_wait(dev, pinned, pfn, seconds);
			dev_warn(dev, "detaching, but %llu data pages are still pinned (first at offset %#llx, for %u s): end what holds them, such as io_uring or RDMA buffers\n",
				 pinned,
				 PFN_PHYS(pfn) - map->plan->data_start,
				 seconds);
			if (waited)
				next_word += 10 * HZ;
			else
				/* Now rmmod is refused instead of hanging until the wait ends. */
				kept = try_module_get(THIS_MODULE);
			waited = true;
		}
		/* The wait is idle, so that the hung-task detector does not report it. */
		schedule_timeout_idle(HZ / 20);
	}
	if (kept)
		module_put(THIS_MODULE);
}
