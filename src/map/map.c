// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitmap.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/page_ref.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "compat/page.h"
#include "map/map.h"
#include "map/memmap.h"
#include "trace/trace.h"

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
	/* Without it, as on PREEMPT_RT, there are no huge faults */
	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		return;
	if (boot_cpu_has(X86_FEATURE_PSE))
		mm->aligns |= PMD_SIZE;
	if (IS_ENABLED(CONFIG_HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD) &&
	    boot_cpu_has(X86_FEATURE_GBPAGES))
		mm->aligns |= PUD_SIZE;
}

/**
 * pma_map_addable - the physical range that can be hot-added
 *
 * Before v6.11 the kernel's own answer leaves out where KASLR put what follows the
 * direct map and the vmemmap, and an add beyond would take page tables that are not its own.
 *
 * Context: any.
 * Return: the range, its end included.
 */
struct range pma_map_addable(void)
{
	const u64 direct_map = VMALLOC_START - PAGE_OFFSET;
	const u64 pages =
		(CPU_ENTRY_AREA_BASE - VMEMMAP_START) / sizeof(struct page);
	struct range range = mhp_get_pluggable_range(true);

	range.end = min3(range.end, direct_map - 1, (pages << PAGE_SHIFT) - 1);
	/* No more than the CPU has address bits */
	range.end = min_t(u64, range.end, iomem_resource.end);
	return range;
}

static int __maybe_unused memory_failure_of(struct dev_pagemap *pgmap,
					    unsigned long pfn,
					    unsigned long nr_pages, int flags)
{
	const struct pma_map *map = container_of(pgmap, struct pma_map, pgmap);

	return map->failed(map->provider, pfn, nr_pages);
}

static const struct dev_pagemap_ops pgmap_ops = PMA_PGMAP_OPS(memory_failure_of);

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

/*
 * The kernel would fail in the middle of the add, or write to a memmap that is already there
 * and that may lie where the data is. get_dev_pagemap() knows nothing of what was kept.
 */
static int check_present(const struct pma_map *map, struct pma_refusal *why)
{
	const struct pma_layout *layout = &map->layout;
	const u64 pfn = pma_memmap_present(layout->base_pfn, layout->end_pfn);

	if (pfn > layout->end_pfn)
		return 0;
	return check_conflict(pfn, why) ?:
	       pma_refuse(why, -EBUSY,
			  "pfn %#llx of [mem %#llx-%#llx] has a memmap already, though nobody has that memory: the kernel has kept it when an add or a removal failed, reboot first",
			  pfn, layout->start, layout->start + layout->size - 1);
}

/* After an add that failed, or a removal */
static void find_kept(struct pma_map *map)
{
	const struct pma_layout *layout = &map->layout;

	map->kept = map->pgmap.altmap.alloc ||
		    pma_memmap_present(layout->base_pfn, layout->end_pfn) <=
			    layout->end_pfn;
}

/**
 * pma_map_free - give up a map
 * @map: from pma_map_alloc(), not added or removed again
 *
 * Context: process, may sleep.
 */
void pma_map_free(struct pma_map *map)
{
	kvfree(map->touched);
	kvfree(map->taken);
	kfree(map);
}

/**
 * pma_map_alloc - a map that can be added
 * @layout: a checked plan
 * @compound: whether its pages are to be compound ones, of the layout's align
 * @why: filled in on failure
 *
 * The altmap is made anew for each map: __add_pages() resets its alloc but not
 * its align. See memremap_pages() in mm/memremap.c.
 *
 * Context: process, may sleep.
 * Return: a map for pma_map_free(), or an ERR_PTR.
 */
struct pma_map *pma_map_alloc(const struct pma_layout *layout, bool compound,
			      struct pma_refusal *why)
{
	const struct vmem_altmap altmap = {
		.base_pfn = layout->base_pfn,
		.end_pfn = layout->end_pfn,
		.reserve = layout->reserve,
		.free = layout->free,
	};
	struct pma_map *map;
	unsigned long longs;
	int rc;

	map = kzalloc(sizeof(*map), GFP_KERNEL);
	if (!map) {
		rc = pma_refuse(why, -ENOMEM, "no memory for a map");
		return ERR_PTR(rc);
	}

	map->layout = *layout;
	longs = BITS_TO_LONGS(pma_map_nr_sections(map));
	map->touched = kvcalloc(longs, sizeof(long), GFP_KERNEL);
	map->taken = kvcalloc(longs, sizeof(long), GFP_KERNEL);
	if (!map->touched || !map->taken) {
		pma_map_free(map);
		rc = pma_refuse(why, -ENOMEM,
				"no memory for two bits for each of the %llu bytes' sections",
				layout->size);
		return ERR_PTR(rc);
	}

	/* end_pfn and reserve are const */
	memcpy(&map->pgmap.altmap, &altmap, sizeof(altmap));
	map->pgmap.flags = PGMAP_ALTMAP_VALID;
	map->pgmap.type = MEMORY_DEVICE_GENERIC;
	map->pgmap.owner = THIS_MODULE;
	map->pgmap.ops = &pgmap_ops;
	/* What can be mapped in one piece is pinned in one piece, see device-dax */
	if (compound)
		map->order = pma_set_order(&map->pgmap,
					   ilog2(layout->align) - PAGE_SHIFT);
	map->pgmap.nr_range = 1;
	map->pgmap.range.start = layout->start;
	map->pgmap.range.end = layout->start + layout->size - 1;
	return map;
}

/*
 * Running out of it in the middle of the add is worse than being refused: __add_pages()
 * keeps what it had added, and x86 follows a page table that it did not get. No promise:
 * some of what is available can be had by waiting only.
 */
static int check_dram(const struct pma_map *map, struct pma_refusal *why)
{
	const u64 available = (u64)si_mem_available() << PAGE_SHIFT;
	struct pma_memory_model mm;
	u64 tables;

	pma_map_memory_model(&mm);
	tables = pma_layout_dram(&map->layout, &mm);
	if (tables + map->dram_memmap <= available)
		return 0;
	return pma_refuse(why, -ENOMEM,
			  "%llu bytes of DRAM are available, but adding it takes up to %llu for page tables and the like, and %llu for memmap: free some memory and try again",
			  available, tables, map->dram_memmap);
}

/**
 * pma_map_check - can it be added?
 * @map: from pma_map_alloc()
 * @why: filled in on refusal
 *
 * Context: process, may sleep.
 * Return: 0, -EBUSY where there is device memory or a memmap already, or -ENOMEM where there
 * is not enough DRAM for what an altmap does not take.
 */
int pma_map_check(struct pma_map *map, struct pma_refusal *why)
{
	int rc = check_conflict(map->layout.base_pfn, why);

	rc = rc ?: check_conflict(map->layout.end_pfn, why);
	rc = rc ?: check_present(map, why);
	if (rc)
		return rc;
	map->dram_memmap = pma_memmap_dram(map->layout.base_pfn,
					   map->layout.end_pfn, 0,
					   PMA_MEMMAP_ALTMAP);
	return check_dram(map, why);
}

/**
 * pma_map_remove - take a range out of the kernel again
 * @map: added
 *
 * Context: process, may sleep; takes the memory hotplug lock. No data page may be
 * held any more, see pma_map_drain() and memunmap_pages() in mm/memremap.c.
 * Return: altmap pages that the kernel did not give back; anything but 0 is a
 * leak. Whether it has kept anything is in @map then.
 */
unsigned long pma_map_remove(struct pma_map *map)
{
	memunmap_pages(&map->pgmap);
	find_kept(map);
	return map->pgmap.altmap.alloc;
}

/*
 * What the type's pages have when nobody holds them is the kernel's business, and changes
 * without a trace in its headers: those of FS_DAX had one reference and have none since v6.15.
 * Of a compound page the head has all.
 */
static int read_idle_refs(struct pma_map *map, struct pma_refusal *why)
{
	const u64 units = (map->layout.data_size >> PAGE_SHIFT) >> map->order;
	const u64 first = PHYS_PFN(map->layout.data_start);
	const u64 looks[] = { 0, units / 2, units - 1 };
	unsigned int i;
	u64 pfn;
	int refs;

	map->idle_refs = page_ref_count(pfn_to_page(first));
	for (i = 0; i < ARRAY_SIZE(looks); i++) {
		pfn = first + (looks[i] << map->order);
		refs = page_ref_count(pfn_to_page(pfn));
		if (refs == map->idle_refs && (!refs || refs == 1))
			continue;
		return pma_refuse(why, -EOPNOTSUPP,
				  "new data page at pfn %#llx has %d references, the first one has %d: this kernel counts idle pages in a way that is not known, neither all 0 nor all 1, so it could not be told whether somebody holds one; use a newer pmem_altmap or --map=mem",
				  pfn, refs, map->idle_refs);
	}
	return 0;
}

/**
 * pma_map_add - add a range as ZONE_DEVICE memory with its memmap on the range
 * @map: from pma_map_alloc(), and checked by pma_map_check()
 * @nid: NUMA node of the range, or NUMA_NO_NODE
 * @why: filled in on failure
 *
 * Context: process, may sleep; takes the memory hotplug lock. The caller owns
 * the memory region.
 * Return: 0, then pma_map_remove() undoes it, or a negative errno.
 */
int pma_map_add(struct pma_map *map, int nid, struct pma_refusal *why)
{
	const struct pma_layout *layout = &map->layout;
	u64 start_ns, used;
	void *addr;
	int rc;

	start_ns = ktime_get_ns();
	addr = memremap_pages(&map->pgmap, nid);
	map->attach_ns = ktime_get_ns() - start_ns;
	if (IS_ERR(addr)) {
		/* __add_pages() keeps the sections that it had added by then */
		find_kept(map);
		return pma_refuse(why, PTR_ERR(addr),
				  "kernel cannot add [mem %#llx-%#llx], see the lines above%s (alloc %lu of %llu)",
				  layout->start, layout->start + layout->size - 1,
				  map->kept ?
				  ": it keeps a part, do not use the namespace before a reboot" :
				  "",
				  map->pgmap.altmap.alloc, layout->free);
	}

	rc = read_idle_refs(map, why);
	if (rc) {
		pma_map_remove(map);
		return rc;
	}
	used = (u64)READ_ONCE(map->pgmap.altmap.alloc) << PAGE_SHIFT;
	if (used < layout->full_memmap)
		map->dram_memmap += layout->full_memmap - used;
	return 0;
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
