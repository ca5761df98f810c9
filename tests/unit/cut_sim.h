/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel does with a map whose memmap comes from elsewhere, page by page on
 * numbers of 64 bits that wrap: a second opinion on src/plan/cut.c, for the unit tests
 * and the fuzzer. It knows of each physical page what it is for and whose memmap it
 * holds, and of each struct page whose it is. It shares no code with src/.
 */
#ifndef CUT_SIM_H
#define CUT_SIM_H

#include "plan/cut.h"

/* Kernels that do something else than those that are known */
enum cut_sim_kernel {
	SIM_STOCK,
	/* The first struct page to be initialised is that of a pfn without the bits that
	 * no address has
	 */
	SIM_MASKS_PFN,
	/* The memmap is taken from the base */
	SIM_IGNORES_RESERVE,
	/* What is no address is not given out */
	SIM_CHECKS_PFN,
	/* There must be room in signed numbers */
	SIM_IS_SIGNED,
	/* Each section begins with its memmap at an alignment of two blocks */
	SIM_ALIGNS_MORE,
	/* Only a page from base + reserve to base + offset is the altmap's when it goes */
	SIM_FREES_BY_RANGE,
};

struct cut_sim_altmap {
	u64 base_pfn;
	u64 reserve;
	u64 free;
	u64 alloc;
	u64 align;
};

struct cut_sim_map {
	u64 start_pfn;
	u64 nr_pages; /* 0: there is no such map */
	bool has_altmap;
	struct cut_sim_altmap altmap;
};

struct cut_sim {
	struct pma_memory_model mm;
	enum cut_sim_kernel kernel;
	u64 base_pfn;
	u64 cell; /* pages that have the same fate */
	u64 nr_cells;
	u64 first_block;
	u64 nr_blocks;
	unsigned char *use; /* by cell: enum use */
	unsigned short *taken; /* by cell: the map whose memmap is there */
	unsigned short
		*owner; /* by cell: the map that brought its struct pages */
	unsigned char *state; /* by cell: of these */
	u64 *pmds; /* by block of the vmemmap: physical address, or a mark */
	u64 dram;
	struct cut_sim_map *maps; /* number 0 is none */
};

struct cut_sim *cut_sim_new(const struct pma_plan *l,
			    const struct pma_memory_model *mm,
			    enum cut_sim_kernel kernel, unsigned int nr_maps);
void cut_sim_free(struct cut_sim *sim);
u64 cut_sim_cell(const struct pma_plan *l, const struct pma_memory_model *mm);
const char *cut_sim_add(struct cut_sim *sim, unsigned int id,
			const struct pma_run *run, u64 compound);
const char *cut_sim_add_plain(struct cut_sim *sim, unsigned int id, u64 start,
			      u64 size);
const char *cut_sim_remove(struct cut_sim *sim, unsigned int id);
struct pma_run_seen cut_sim_seen(const struct cut_sim *sim, unsigned int id,
				 const struct pma_run *run);
u64 cut_sim_live(const struct cut_sim *sim, unsigned int id);
const char *cut_sim_idle(const struct cut_sim *sim);

#endif /* CUT_SIM_H */
