/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel takes for the memmap of a range, and whether a range has one already.
 */
#ifndef PMA_MEMMAP_H
#define PMA_MEMMAP_H

#include <linux/types.h>

/**
 * enum pma_memmap_source - how a range's memmap is populated
 * @PMA_MEMMAP_DRAM: all of it from DRAM
 * @PMA_MEMMAP_DEDUP: from DRAM, and compound pages share their tails' memmap
 * @PMA_MEMMAP_ALTMAP: whole sections from the altmap
 */
enum pma_memmap_source {
	PMA_MEMMAP_DRAM,
	PMA_MEMMAP_DEDUP,
	PMA_MEMMAP_ALTMAP,
};

u64 pma_memmap_dram(u64 start_pfn, u64 end_pfn, unsigned int order,
		    enum pma_memmap_source source);
u64 pma_memmap_present(u64 start_pfn, u64 end_pfn);

#endif /* PMA_MEMMAP_H */
