/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel does with an info block and an altmap, done step by step
 * instead of calculated: a second opinion on src/plan/plan.c, for the unit tests
 * and the fuzzers. It shares no code with src/.
 */
#ifndef KERNEL_SIM_H
#define KERNEL_SIM_H

#include "plan/plan.h"

/**
 * struct sim_result - what adding a range came to
 * @ran_out: an allocation did not fit: the kernel fails with -ENOMEM
 * @alloc: pages taken from the altmap
 * @align: altmap pages lost to alignment
 * @whole_dram: bytes of whole sections' memmap taken from DRAM
 * @part_dram: bytes of partial sections' memmap taken from DRAM
 * @written_start: physical address of the first altmap page that was taken
 * @written_end: physical address behind the last one
 */
struct sim_result {
	bool ran_out;
	u64 alloc;
	u64 align;
	u64 whole_dram;
	u64 part_dram;
	u64 written_start;
	u64 written_end;
};

/* The kernels that Debian builds for amd64 */
extern const struct pma_memory_model sim_x86;

bool sim_pfn_init(struct pma_infoblock *ib, u64 start, u64 size, u64 align,
		  u64 page_struct_size, const struct pma_memory_model *mm);
void sim_add_pages(u64 base_pfn, u64 nr_pages, u64 reserve, u64 nr_free,
		   const struct pma_memory_model *mm, struct sim_result *sim);
const char *sim_disagrees(const struct pma_plan *l,
			  const struct pma_memory_model *mm);
const char *sim_requested(const struct pma_plan *planned,
			  const struct pma_memory_model *mm);
bool sim_fits(const struct pma_infoblock *ib, u64 start, u64 size,
	      const struct pma_memory_model *mm);

#endif /* KERNEL_SIM_H */
