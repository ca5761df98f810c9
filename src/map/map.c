// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitmap.h>
#include <linux/crash_dump.h>
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
 * pma_map_memory_model - describe how the running kernel manages a memmap
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
	/* Without this option, as on PREEMPT_RT, there are no huge faults. */
	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		return;
	if (boot_cpu_has(X86_FEATURE_PSE))
		mm->aligns |= PMD_SIZE;
	if (IS_ENABLED(CONFIG_HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD) &&
	    boot_cpu_has(X86_FEATURE_GBPAGES))
		mm->aligns |= PUD_SIZE;
}

/*
 * The physical range that can be hot-added. Before v6.11 the kernel's own answer ignores where
 * KASLR put what follows the direct map and the vmemmap, and an add beyond that would take page
 * tables of other areas.
 */
static struct range addable(void)
{
	const u64 direct_map = VMALLOC_START - PAGE_OFFSET;
	const u64 pages =
		(CPU_ENTRY_AREA_BASE - VMEMMAP_START) / sizeof(struct page);
	struct range range = mhp_get_pluggable_range(true);

	range.end = min3(range.end, direct_map - 1, (pages << PAGE_SHIFT) - 1);
	/* The CPU may have fewer address bits than the kernel has room for. */
	range.end = min_t(u64, range.end, iomem_resource.end);
	return range;
}

/**
 * pma_map_check_range - can a range be hot-added, as far as the kernel tells beforehand?
 * @start: physical address
 * @size: bytes
 * @why: filled in on refusal
 *
 * Context: process, may sleep.
 * Return: 0, -EPERM (kdump), -EOPNOTSUPP, -EBUSY (System RAM) or -ERANGE.
 */
int pma_map_check_range(u64 start, u64 size, struct pma_refusal *why)
{
	const struct range mhp = addable();
	const struct resource res = DEFINE_RES_MEM(start, size);

	/* The dump kernel must find the old kernel's memmap as it was. */
	if (is_kdump_kernel())
		return pma_refuse(why, -EPERM,
				  "this is a kdump kernel, attaching would overwrite the memmap to be dumped: attach after the reboot");
	if (!boot_cpu_has(X86_FEATURE_PSE))
		return pma_refuse(why, -EOPNOTSUPP,
				  "this CPU has no 2 MiB pages (Xen PV?), which an altmap needs: use --map=mem");
	if (res.start < mhp.start || res.end > mhp.end)
		return pma_refuse(why, -ERANGE,
				  "%pR is outside of [mem %#llx-%#llx], all that this kernel can hot-add: try nokaslr, or 5-level paging",
				  &res, mhp.start, mhp.end);
	if (region_intersects(res.start, resource_size(&res),
			      IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) !=
	    REGION_DISJOINT)
		return pma_refuse(why, -EBUSY,
				  "%pR overlaps System RAM: see /proc/iomem, correct memmap= or the firmware's tables",
				  &res);
	return 0;
}

static int __maybe_unused memory_failure_of(struct dev_pagemap *pgmap,
					    unsigned long pfn,
					    unsigned long nr_pages, int flags)
{
	const struct pma_map *map = container_of(pgmap, struct pma_map, pgmap);

	return map->failed(map->provider, pfn, nr_pages);
}

static const struct dev_pagemap_ops pgmap_ops = PMA_PGMAP_OPS(memory_failure_of);

/* memremap_pages() would WARN about such a conflict, and fail. */
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
 * Where a part of the range has a memmap already, the kernel would fail in the middle of the add,
 * or write to that memmap, which may lie where the data is. get_dev_pagemap() does not find a
 * part that the kernel has kept.
 */
static int check_present(const struct pma_map *map, struct pma_refusal *why)
{
	const struct pma_plan *plan = map->plan;
	const u64 pfn = pma_memmap_present(plan->base_pfn, plan->end_pfn);

	if (pfn > plan->end_pfn)
		return 0;
	return check_conflict(pfn, why) ?:
	       pma_refuse(why, -EBUSY,
			  "pfn %#llx of [mem %#llx-%#llx] has a memmap already, though nobody has that memory: another driver is just removing it, so try again, or the kernel has kept it when an add or a removal failed, so reboot first",
			  pfn, plan->start, plan->start + plan->size - 1);
}

/* This is called after an add that has failed, and after a removal. */
static void find_kept(struct pma_map *map)
{
	const struct pma_plan *plan = map->plan;

	map->kept = map->pgmap.altmap.alloc ||
		    pma_memmap_present(plan->base_pfn, plan->end_pfn) <=
			    plan->end_pfn;
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
 * pma_map_alloc - make a map that can be added
 * @plan: checked; it must stay where it is until pma_map_free()
 * @compound: whether the pages become compound pages, of the size of the plan's align
 * @why: filled in on failure
 *
 * Each map has a new altmap, since __add_pages() resets the alloc of an altmap and not its
 * align. See memremap_pages() in mm/memremap.c.
 *
 * Context: process, may sleep.
 * Return: a map for pma_map_free(), or an ERR_PTR.
 */
struct pma_map *pma_map_alloc(const struct pma_plan *plan, bool compound,
			      struct pma_refusal *why)
{
	const struct vmem_altmap altmap = {
		.base_pfn = plan->base_pfn,
		.end_pfn = plan->end_pfn,
		.reserve = plan->reserve,
		.free = plan->free,
	};
	struct pma_map *map;
	unsigned long longs;
	int rc;

	map = kzalloc(sizeof(*map), GFP_KERNEL);
	if (!map) {
		rc = pma_refuse(why, -ENOMEM, "no memory for a map");
		return ERR_PTR(rc);
	}

	map->plan = plan;
	longs = BITS_TO_LONGS(pma_map_nr_sections(map));
	map->touched = kvcalloc(longs, sizeof(long), GFP_KERNEL);
	map->taken = kvcalloc(longs, sizeof(long), GFP_KERNEL);
	if (!map->touched || !map->taken) {
		pma_map_free(map);
		rc = pma_refuse(why, -ENOMEM,
				"no memory for two bits for each of the %llu bytes' sections",
				plan->size);
		return ERR_PTR(rc);
	}

	/* The members end_pfn and reserve are const, so the structure is copied. */
	memcpy(&map->pgmap.altmap, &altmap, sizeof(altmap));
	map->pgmap.flags = PGMAP_ALTMAP_VALID;
	map->pgmap.type = MEMORY_DEVICE_GENERIC;
	map->pgmap.owner = THIS_MODULE;
	map->pgmap.ops = &pgmap_ops;
	/* As in device-dax, a unit that is mapped in one piece is pinned in one piece. */
	if (compound)
		map->order = pma_set_order(&map->pgmap,
					   ilog2(plan->align) - PAGE_SHIFT);
	map->pgmap.nr_range = 1;
	map->pgmap.range.start = plan->start;
	map->pgmap.range.end = plan->start + plan->size - 1;
	return map;
}

/*
 * Running out of DRAM in the middle of the add is worse than a refusal: __add_pages() keeps the
 * sections that it had added, and x86 follows a page table that it could not allocate. This check
 * is no promise, since some of the available memory has to be reclaimed first.
 */
static int check_dram(const struct pma_map *map, struct pma_refusal *why)
{
	const u64 available = (u64)si_mem_available() << PAGE_SHIFT;
	struct pma_memory_model mm;
	u64 tables;

	pma_map_memory_model(&mm);
	tables = pma_plan_dram(map->plan, &mm);
	if (tables + map->dram_memmap <= available)
		return 0;
	return pma_refuse(why, -ENOMEM,
			  "%llu bytes of DRAM are available, but adding it takes up to %llu for page tables and the like, and %llu for memmap: free some memory and try again",
			  available, tables, map->dram_memmap);
}

/**
 * pma_map_check - can a map be added?
 * @map: from pma_map_alloc()
 * @why: filled in on refusal
 *
 * Context: process, may sleep.
 * Return: 0, -EBUSY where there is device memory or a memmap already, or -ENOMEM where there
 * is not enough DRAM for what an altmap does not take.
 */
int pma_map_check(struct pma_map *map, struct pma_refusal *why)
{
	int rc = check_conflict(map->plan->base_pfn, why);

	rc = rc ?: check_conflict(map->plan->end_pfn, why);
	rc = rc ?: check_present(map, why);
	if (rc)
		return rc;
	map->dram_memmap = pma_memmap_dram(map->plan->base_pfn,
					   map->plan->end_pfn, 0,
					   PMA_MEMMAP_ALTMAP);
	return check_dram(map, why);
}

/**
 * pma_map_remove - take a range out of the kernel again
 * @map: added
 *
 * Context: process, may sleep; takes the memory hotplug lock. No data page may be
 * held any more, see pma_map_drain() and memunmap_pages() in mm/memremap.c.
 * Return: altmap pages that the kernel did not give back; anything but 0 is a leak. @map->kept
 * says whether the kernel has kept a part of the range.
 */
unsigned long pma_map_remove(struct pma_map *map)
{
	memunmap_pages(&map->pgmap);
	find_kept(map);
	return map->pgmap.altmap.alloc;
}

/*
 * How many references an idle page of a memory type has can change between kernels without a
 * trace in the headers: an idle page of FS_DAX had one reference, and has none since v6.15. So
 * the number is read from new pages. The head of a compound page has all of its references.
 */
static int read_idle_refs(struct pma_map *map, struct pma_refusal *why)
{
	const u64 units = (map->plan->data_size >> PAGE_SHIFT) >> map->order;
	const u64 first = PHYS_PFN(map->plan->data_start);
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
	const struct pma_plan *plan = map->plan;
	u64 start_ns, used;
	void *addr;
	int rc;

	start_ns = ktime_get_ns();
	addr = memremap_pages(&map->pgmap, nid);
	map->attach_ns = ktime_get_ns() - start_ns;
	if (IS_ERR(addr)) {
		/* __add_pages() keeps the sections that it had added before it failed. */
		find_kept(map);
		return pma_refuse(why, PTR_ERR(addr),
				  "kernel cannot add [mem %#llx-%#llx], see the lines above%s (alloc %lu of %llu)",
				  plan->start, plan->start + plan->size - 1,
				  map->kept ?
				  ": it keeps a part, do not use the namespace before a reboot" :
				  "",
				  map->pgmap.altmap.alloc, plan->free);
	}

	rc = read_idle_refs(map, why);
	if (rc) {
		pma_map_remove(map);
		return rc;
	}
	used = (u64)READ_ONCE(map->pgmap.altmap.alloc) << PAGE_SHIFT;
	if (used < plan->full_memmap)
		map->dram_memmap += plan->full_memmap - used;
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
 * pma_map_nr_free - altmap pages that are left
 * @map: a live map
 *
 * As vmem_altmap_nr_free() in mm/sparse-vmemmap.c, which is not exported.
 *
 * Context: any. The counters change only while the map is added or removed.
 * Return: pages.
 */
u64 pma_map_nr_free(const struct pma_map *map)
{
	const struct vmem_altmap *altmap = &map->pgmap.altmap;
	u64 taken = (u64)READ_ONCE(altmap->alloc) + READ_ONCE(altmap->align);
	u64 free = READ_ONCE(altmap->free);

	return free > taken ? free - taken : 0;
}
