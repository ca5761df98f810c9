/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plan: all numbers of a range, from its start to what the kernel will take from the altmap
 * and from DRAM. nd makes a plan of an info block, the interface for other modules makes one of
 * a request, and core executes it. This code is pure: altmapctl and the tests use it, too.
 */
#ifndef PMA_PLAN_H
#define PMA_PLAN_H

#include "plan/infoblock.h"
#include "plan/refusal.h"

/* libnvdimm keeps the first 8 KiB of the mapped range: 4 KiB and the info block. */
#define PMA_INFOBLOCK_RESERVE	8192
/* x86 has no more physical address bits; the limit also keeps sums from wrapping. */
#define PMA_PHYS_LIMIT		0x10000000000000ULL

/**
 * struct pma_memory_model - how the kernel that attaches manages memory
 * @page_size: bytes, power of two
 * @struct_page_size: bytes of a struct page
 * @section_size: bytes, power of two; vmemmap_populate() works section-wise
 * @map_align: bytes, power of two; memremap_pages() wants start and end aligned to it
 * @vmemmap_block: bytes, power of two; taken from the altmap at a time (PMD_SIZE)
 * @aligns: every mapping size that can be done, bytes, or-ed together
 */
struct pma_memory_model {
	u64 page_size;
	u64 struct_page_size;
	u64 section_size;
	u64 map_align;
	u64 vmemmap_block;
	u64 aligns;
};

/**
 * struct pma_plan - where everything of a range lies
 * @start: physical address, the altmap's base
 * @size: bytes, memmap and data
 * @align: bytes, mapping size of the data
 * @page_size: bytes
 * @base_pfn: first pfn of the map
 * @end_pfn: last pfn of the map
 * @reserve: pages at the head that keep the info block
 * @free: pages set aside for the memmap
 * @data_start: physical address
 * @data_size: bytes
 * @need: altmap pages that the memmap of the whole sections takes
 * @pad: altmap pages lost before the first vmemmap block
 * @memmap_start: physical address of the first altmap page that the memmap takes
 * @full_memmap: bytes of memmap of the whole sections
 * @head_pages: pages before the first whole section; their memmap is in DRAM
 * @tail_pages: pages behind the last whole section; their memmap is in DRAM
 */
struct pma_plan {
	u64 start;
	u64 size;
	u64 align;
	u64 page_size;
	u64 base_pfn;
	u64 end_pfn;
	u64 reserve;
	u64 free;
	u64 data_start;
	u64 data_size;
	u64 need;
	u64 pad;
	u64 memmap_start;
	u64 full_memmap;
	u64 head_pages;
	u64 tail_pages;
};

/**
 * struct pma_request - what a module asks for that has no info block
 * @start: physical address
 * @size: bytes, memmap and data
 * @reserve: pages at the head that are kept
 * @free: pages behind @reserve for the memmap; 0 for as many as it takes
 * @align: bytes, mapping size of the data
 */
struct pma_request {
	u64 start;
	u64 size;
	u64 reserve;
	u64 free;
	u64 align;
};

int pma_plan_infoblock(const struct pma_infoblock *ib, u64 start, u64 size,
		       const struct pma_memory_model *mm, struct pma_plan *l,
		       struct pma_refusal *why);
int pma_plan_request(const struct pma_request *r,
		     const struct pma_memory_model *mm, struct pma_plan *l,
		     struct pma_refusal *why);
u64 pma_plan_dram(const struct pma_plan *l, const struct pma_memory_model *mm);

#endif /* PMA_PLAN_H */
