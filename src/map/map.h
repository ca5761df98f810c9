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

#include "plan/layout.h"

struct pmem_altmap;

/**
 * struct pma_map - one range of ZONE_DEVICE pages with its memmap on the device
 * @layout: where everything lies
 * @dram_memmap: bytes of memmap that came from DRAM all the same
 * @order: of the compound pages that the data consists of
 * @attach_ns: nanoseconds that memremap_pages() took
 * @kept: the kernel has kept a part of it, though it was not added, or was removed
 * @touched: a bit for each section, set once a page of it gets into a page table or to
 *	another module
 * @taken: the same, of those whose pages another module may have
 * @idle_refs: references to a page that nobody holds, read from pages of this map
 * @failed: told of memory that has failed. Returns 0 where nothing is left to be done, or
 *	-EOPNOTSUPP: the kernel does what it does with other device memory
 * @provider: for @failed
 * @pgmap: the kernel's side; holds the altmap's counters. Last: ends in an array
 */
struct pma_map {
	struct pma_layout layout;
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

/* Of the map's sections, the one that @pfn is in */
static inline unsigned long pma_map_section(const struct pma_map *map, u64 pfn)
{
	return pfn_to_section_nr(pfn) -
	       pfn_to_section_nr(map->layout.base_pfn);
}

static inline unsigned long pma_map_nr_sections(const struct pma_map *map)
{
	return pma_map_section(map, map->layout.end_pfn) + 1;
}

struct range pma_map_addable(void);
void pma_map_memory_model(struct pma_memory_model *mm);
struct pma_map *pma_map_alloc(const struct pma_layout *layout, bool compound,
			      struct pma_refusal *why);
void pma_map_free(struct pma_map *map);
int pma_map_check(struct pma_map *map, struct pma_refusal *why);
int pma_map_add(struct pma_map *map, int nid, struct pma_refusal *why);
unsigned long pma_map_remove(struct pma_map *map);
u64 pma_map_offset(const struct pma_map *map);
u64 pma_map_nr_free(const struct pma_map *map);

#endif /* PMA_MAP_H */
