// SPDX-License-Identifier: GPL-2.0-only
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "map.h"

/**
 * pma_map_memory_model - what the running kernel does with a memmap
 * @mm: filled in
 *
 * Context: any.
 */
void pma_map_memory_model(struct pma_memory_model *mm)
{
	*mm = (struct pma_memory_model) {
		.page_size = PAGE_SIZE,
		.struct_page_size = sizeof(struct page),
		.section_size = (u64)PAGES_PER_SECTION << PAGE_SHIFT,
		.map_align = memremap_compat_align(),
		.vmemmap_block = PMD_SIZE,
		.aligns = PAGE_SIZE,
	};
	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) &&
	    boot_cpu_has(X86_FEATURE_PSE))
		mm->aligns |= PMD_SIZE;
	if (IS_ENABLED(CONFIG_HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD) &&
	    boot_cpu_has(X86_FEATURE_GBPAGES))
		mm->aligns |= PUD_SIZE;
}

/*
 * section_activate() reuses the memmap that boot made for the whole section
 * where System RAM reaches into it: such a part costs nothing more.
 */
static u64 partial_memmap(u64 pfn, u64 nr_pages)
{
	struct mem_section *ms = __pfn_to_section(pfn);

	if (!nr_pages || (valid_section(ms) && early_section(ms)))
		return 0;
	return nr_pages * sizeof(struct page);
}

/* memremap_pages() would WARN about it and fail */
static int check_conflict(u64 pfn, struct pma_refusal *why)
{
	struct dev_pagemap *pgmap = get_dev_pagemap(pfn);

	if (!pgmap)
		return 0;
	put_dev_pagemap(pgmap);
	return pma_refuse(why, -EBUSY,
			  "pfn %#llx has device memory mapped already: detach its other driver first",
			  pfn);
}

/**
 * pma_map_add - add a range as ZONE_DEVICE memory with its memmap on the range
 * @layout: a checked plan
 * @nid: NUMA node of the range, or NUMA_NO_NODE
 * @why: filled in on failure
 *
 * The altmap is made anew for each map: __add_pages() resets its alloc but not
 * its align. See memremap_pages() in mm/memremap.c.
 *
 * Context: process, may sleep; takes the memory hotplug lock. The caller owns
 * the memory region.
 * Return: the map, to be undone with pma_map_remove(), or an ERR_PTR.
 */
struct pma_map *pma_map_add(const struct pma_layout *layout, int nid,
			    struct pma_refusal *why)
{
	const struct vmem_altmap altmap = {
		.base_pfn = layout->base_pfn,
		.end_pfn = layout->end_pfn,
		.reserve = layout->reserve,
		.free = layout->free,
	};
	struct pma_map *map;
	u64 start_ns, used;
	void *addr;
	int rc;

	rc = check_conflict(layout->base_pfn, why);
	if (!rc)
		rc = check_conflict(layout->end_pfn, why);
	if (rc)
		return ERR_PTR(rc);

	map = kzalloc(sizeof(*map), GFP_KERNEL);
	if (!map) {
		rc = pma_refuse(why, -ENOMEM, "no memory for a map");
		return ERR_PTR(rc);
	}

	map->layout = *layout;
	map->dram_memmap =
		partial_memmap(layout->base_pfn, layout->head_pages) +
		partial_memmap(layout->end_pfn + 1 - layout->tail_pages,
			       layout->tail_pages);

	/* end_pfn and reserve are const */
	memcpy(&map->pgmap.altmap, &altmap, sizeof(altmap));
	map->pgmap.flags = PGMAP_ALTMAP_VALID;
	map->pgmap.type = MEMORY_DEVICE_GENERIC;
	/* What can be mapped in one piece is pinned in one piece, see device-dax */
	if (layout->align > PAGE_SIZE)
		map->pgmap.vmemmap_shift = ilog2(layout->align) - PAGE_SHIFT;
	map->pgmap.nr_range = 1;
	map->pgmap.range.start = layout->start;
	map->pgmap.range.end = layout->start + layout->size - 1;

	start_ns = ktime_get_ns();
	addr = memremap_pages(&map->pgmap, nid);
	map->attach_ns = ktime_get_ns() - start_ns;
	if (IS_ERR(addr)) {
		/* __add_pages() keeps the sections that it had added by then */
		rc = pma_refuse(why, PTR_ERR(addr),
				"kernel cannot add [mem %#llx-%#llx], see the lines above%s (alloc %lu of %llu)",
				layout->start, layout->start + layout->size - 1,
				map->pgmap.altmap.alloc ?
				": it keeps a part, do not use the namespace before a reboot" :
				"",
				map->pgmap.altmap.alloc, layout->free);
		kfree(map);
		return ERR_PTR(rc);
	}

	used = (u64)READ_ONCE(map->pgmap.altmap.alloc) << PAGE_SHIFT;
	if (used < layout->full_memmap)
		map->dram_memmap += layout->full_memmap - used;
	return map;
}

/**
 * pma_map_remove - take a range out of the kernel again
 * @map: from pma_map_add(); gone afterwards
 *
 * Context: process, may sleep; takes the memory hotplug lock. No data page may be
 * held any more, see pma_map_drain() and memunmap_pages() in mm/memremap.c.
 * Return: altmap pages that the kernel did not give back; anything but 0 is a
 * leak.
 */
unsigned long pma_map_remove(struct pma_map *map)
{
	unsigned long leaked;

	memunmap_pages(&map->pgmap);
	leaked = map->pgmap.altmap.alloc;
	kfree(map);
	return leaked;
}

/**
 * pma_map_offset - pages from the map's start to the data
 * @map: a live map
 *
 * As vmem_altmap_offset() in mm/memremap.c, which is not exported.
 *
 * Context: any.
 * Return: pages.
 */
u64 pma_map_offset(const struct pma_map *map)
{
	const struct vmem_altmap *altmap = &map->pgmap.altmap;

	return (u64)altmap->reserve + READ_ONCE(altmap->free);
}

/**
 * pma_map_nr_free - altmap pages that are still to be had
 * @map: a live map
 *
 * As vmem_altmap_nr_free() in mm/sparse-vmemmap.c, which is not exported.
 *
 * Context: any. Races with nothing: the counters move within add and remove.
 * Return: pages.
 */
u64 pma_map_nr_free(const struct pma_map *map)
{
	const struct vmem_altmap *altmap = &map->pgmap.altmap;
	u64 taken = (u64)READ_ONCE(altmap->alloc) + READ_ONCE(altmap->align);
	u64 free = READ_ONCE(altmap->free);

	return free > taken ? free - taken : 0;
}

/* An idle page has one reference */
static bool is_pinned(u64 pfn)
{
	return page_count(pfn_to_page(pfn)) > 1;
}

/*
 * The first pinned data page at or behind @pfn, end_pfn + 1 if there is none. Of a
 * compound page the head has all references. The struct pages of reserve are
 * uninitialised, those of the memmap have no pgmap: neither is looked at.
 */
static u64 next_pinned(const struct pma_map *map, u64 pfn, bool killable)
{
	const u64 step = 1ULL << map->pgmap.vmemmap_shift;

	for (; pfn <= map->layout.end_pfn; pfn += step) {
		if (is_pinned(pfn))
			return pfn;
		if (pfn % PAGES_PER_SECTION == 0) {
			if (killable && fatal_signal_pending(current))
				return pfn;
			cond_resched();
		}
	}
	return map->layout.end_pfn + 1;
}

static u64 count_pinned(const struct pma_map *map, bool killable)
{
	const u64 step = 1ULL << map->pgmap.vmemmap_shift;
	u64 pfn = map->layout.base_pfn + pma_map_offset(map);
	u64 pinned = 0;

	for (;;) {
		pfn = next_pinned(map, pfn, killable);
		if (pfn > map->layout.end_pfn ||
		    (killable && fatal_signal_pending(current)))
			return pinned;
		pinned += step;
		pfn += step;
	}
}

/**
 * pma_map_pinned - count the data pages that somebody holds
 * @map: a live map
 * @pinned: pages with more references than an idle one's; a compound page counts
 *	with all its pages
 *
 * An idle MEMORY_DEVICE_GENERIC page has one reference.
 *
 * Context: process, may sleep; takes milliseconds per GiB of 4 KiB pages.
 * Return: 0 or -EINTR when the caller is being killed.
 */
int pma_map_pinned(const struct pma_map *map, u64 *pinned)
{
	*pinned = count_pinned(map, true);
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/**
 * pma_map_drain - wait until no data page is held any more
 * @map: a live map whose user mappings are revoked, so that no page can be taken
 * @dev: for the log
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
	bool waited = false, held = false;

	while ((pfn = next_pinned(map, pfn, false)) <= map->layout.end_pfn) {
		if (!waited || time_after_eq(jiffies, next_word)) {
			dev_warn(dev, "detaching, but %llu data pages are still pinned (first at pfn %#llx, for %u s): end what holds them, such as io_uring or RDMA buffers\n",
				 count_pinned(map, false), pfn,
				 jiffies_to_msecs(jiffies - start) / 1000);
			if (waited)
				next_word += 10 * HZ;
			else
				/* Unloading now would hang until the end of the wait */
				held = try_module_get(THIS_MODULE);
			waited = true;
		}
		/* Idle, not blocked: it is nobody's fault in this kernel */
		schedule_timeout_idle(HZ / 20);
	}
	if (held)
		module_put(THIS_MODULE);
}
