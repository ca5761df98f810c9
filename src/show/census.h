/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The census: every dev_pagemap of the system, whoever made it.
 */
#ifndef PMA_CENSUS_H
#define PMA_CENSUS_H

#include <linux/memremap.h>
#include <linux/types.h>

/**
 * struct pma_census_entry - one range of a dev_pagemap
 * @start: bytes, physical
 * @size: bytes
 * @type: name of its memory type
 * @order: of its compound pages
 * @has_altmap: the memmap of whole sections is on the device
 * @base_pfn: first page frame of the altmap, to which the next four belong as well
 * @reserve: pages mapped but kept for the driver
 * @free: pages set aside for the memmap
 * @align: pages lost to alignment
 * @alloc: pages that the memmap took
 * @memmap_device: bytes of memmap on the device
 * @memmap_dram: bytes of memmap in DRAM
 * @data_size: bytes behind the altmap
 */
struct pma_census_entry {
	u64 start;
	u64 size;
	const char *type;
	unsigned int order;
	bool has_altmap;
	u64 base_pfn;
	u64 reserve;
	u64 free;
	u64 align;
	u64 alloc;
	u64 memmap_device;
	u64 memmap_dram;
	u64 data_size;
};

bool pma_census_possible(void);
const char *pma_census_type(const struct dev_pagemap *pgmap);
int pma_census(bool (*each)(const struct pma_census_entry *entry, void *data),
	       void *data);

#endif /* PMA_CENSUS_H */
