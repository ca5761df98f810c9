/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A map: one memremap_pages() call, its altmap, and what it cost. A provider
 * has one today and will have several.
 */
#ifndef PMA_MAP_H
#define PMA_MAP_H

#include <linux/device.h>
#include <linux/memremap.h>
#include <linux/mmzone.h>
#include <linux/range.h>

#include "plan/plan.h"

struct pmem_altmap;

/**
 * struct pma_map - one range of ZONE_DEVICE pages with its memmap on the device
 * @plan: of the provider, where everything lies
 * @dram_memmap: bytes of memmap that came from DRAM all the same
 * @order: of the compound pages that the data consists of
 * @attach_ns: nanoseconds that memremap_pages() took
 * @kept: the kernel has kept a part of it, though it was not added, or was removed
 * @touched: a bit for each section, set before a page of the section gets into a page table
 *	or to another module
 * @taken: a bit for each section, set before a page of the section gets to another module
 * @idle_refs: references to a page that nobody holds, read from pages of this map
 * @failed: is called when memory has failed. It returns -EOPNOTSUPP to let the kernel do what
 *	it does with other device memory, or another errno when that would be of no use
 * @provider: an argument of @failed
 * @pgmap: the kernel's side, with the altmap's counters. It ends in an array, so it is last
 */
struct pma_map {
	const struct pma_plan *plan;
	u64 dram_memmap;
	unsigned int order;
	u64 attach_ns;
	bool kept;
	unsigned long *touched;
	unsigned long *taken;
	int idle_refs;
	int (*failed)(struct pmem_altmap *provider, u64 pfn, u64 nr_pages);
	struct pmem_altmap *provider;
	struct dev_pagemap pgmap;
};

/* The number of the section that @pfn is in, counted from the first of the map. */
static inline unsigned long pma_map_section(const struct pma_map *map, u64 pfn)
{
	return pfn_to_section_nr(pfn) -
	       pfn_to_section_nr(map->plan->base_pfn);
}

static inline unsigned long pma_map_nr_sections(const struct pma_map *map)
{
	return pma_map_section(map, map->plan->end_pfn) + 1;
}

int pma_map_check_range(u64 start, u64 size, struct pma_refusal *why);
void pma_map_memory_model(struct pma_memory_model *mm);
struct pma_map *pma_map_alloc(const struct pma_plan *plan, bool compound,
			      struct pma_refusal *why);
void pma_map_free(struct pma_map *map);
int pma_map_check(struct pma_map *map, struct pma_refusal *why);
int pma_map_add(struct pma_map *map, int nid, struct pma_refusal *why);
unsigned long pma_map_remove(struct pma_map *map);
u64 pma_map_offset(const struct pma_map *map);
u64 pma_map_nr_free(const struct pma_map *map);

#endif /* PMA_MAP_H */
