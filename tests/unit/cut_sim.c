// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "cut_sim.h"

enum use {
	USE_INFO_BLOCK,
	USE_SCRATCH,
	USE_DATA
};

enum state {
	STATE_RAW,
	STATE_RESERVED,
	STATE_LIVE
};

/* No physical addresses of blocks */
#define PMD_NONE (~0ULL)
#define PMD_TABLE (~1ULL)

/* How many pages have the same fate: as many as a block has, or as the plan's ends allow */
u64 cut_sim_cell(const struct pma_plan *l, const struct pma_memory_model *mm)
{
	u64 all = l->start | l->size | l->data_start;
	u64 cell = 1;

	while (cell * mm->page_size < mm->vmemmap_block &&
	       all % (2 * cell * mm->page_size) == 0)
		cell *= 2;
	return cell;
}

static void *zeroes(u64 number, size_t size)
{
	void *p = calloc(number, size);

	if (!p)
		abort();
	return p;
}

/* A kernel that has nothing of a plan's range yet; numbers of maps are 1 to @nr_maps */
struct cut_sim *cut_sim_new(const struct pma_plan *l,
			    const struct pma_memory_model *mm,
			    enum cut_sim_kernel kernel, unsigned int nr_maps)
{
	struct cut_sim *sim = zeroes(1, sizeof(*sim));
	u64 nr_pages = l->size / mm->page_size;
	u64 end, i;

	sim->mm = *mm;
	sim->kernel = kernel;
	sim->base_pfn = l->start / mm->page_size;
	sim->cell = cut_sim_cell(l, mm);
	sim->nr_cells = nr_pages / sim->cell;
	sim->maps = zeroes(nr_maps + 1, sizeof(*sim->maps));
	sim->use = zeroes(sim->nr_cells, sizeof(*sim->use));
	sim->taken = zeroes(sim->nr_cells, sizeof(*sim->taken));
	sim->owner = zeroes(sim->nr_cells, sizeof(*sim->owner));
	sim->state = zeroes(sim->nr_cells, sizeof(*sim->state));
	for (i = 0; i < sim->nr_cells; i++) {
		if (i * sim->cell < l->reserve)
			sim->use[i] = USE_INFO_BLOCK;
		else if (l->start + i * sim->cell * mm->page_size <
			 l->data_start)
			sim->use[i] = USE_SCRATCH;
		else
			sim->use[i] = USE_DATA;
	}

	end = (sim->base_pfn + nr_pages) * mm->struct_page_size - 1;
	sim->first_block =
		sim->base_pfn * mm->struct_page_size / mm->vmemmap_block;
	sim->nr_blocks = end / mm->vmemmap_block - sim->first_block + 1;
	sim->pmds = zeroes(sim->nr_blocks, sizeof(*sim->pmds));
	for (i = 0; i < sim->nr_blocks; i++)
		sim->pmds[i] = PMD_NONE;
	return sim;
}

void cut_sim_free(struct cut_sim *sim)
{
	free(sim->maps);
	free(sim->use);
	free(sim->taken);
	free(sim->owner);
	free(sim->state);
	free(sim->pmds);
	free(sim);
}

/* Number of the cell of a pfn; nr_cells where there is none */
static u64 cell_of(const struct cut_sim *sim, u64 pfn)
{
	u64 cell = (pfn - sim->base_pfn) / sim->cell;

	return pfn >= sim->base_pfn && cell < sim->nr_cells ? cell :
							      sim->nr_cells;
}

static u64 next_cell(const struct cut_sim *sim, u64 pfn)
{
	return (pfn / sim->cell + 1) * sim->cell;
}

static u64 *pmd_of(const struct cut_sim *sim, u64 address)
{
	return &sim->pmds[address / sim->mm.vmemmap_block - sim->first_block];
}

/* Where a byte of the vmemmap is, or a mark */
static u64 translate(const struct cut_sim *sim, u64 address)
{
	u64 pmd = *pmd_of(sim, address);

	if (pmd == PMD_NONE || pmd == PMD_TABLE)
		return pmd;
	return pmd + address % sim->mm.vmemmap_block;
}

static const char *check_byte(const struct cut_sim *sim, unsigned int id,
			      u64 address)
{
	u64 phys = translate(sim, address);
	u64 cell;

	if (phys == PMD_NONE)
		return "a struct page is written that has no memory";
	if (phys == PMD_TABLE)
		return NULL;
	cell = cell_of(sim, phys / sim->mm.page_size);
	if (cell == sim->nr_cells || sim->taken[cell] != id)
		return "a struct page is written to memory of something else";
	return NULL;
}

static const char *init_page(struct cut_sim *sim, unsigned int id, u64 pfn,
			     enum state state)
{
	u64 size = sim->mm.struct_page_size;
	u64 first = pfn / sim->cell * sim->cell;
	u64 cell = cell_of(sim, pfn);
	const char *wrong;

	if (cell == sim->nr_cells)
		return "a struct page outside of the range is initialised";
	if (!sim->owner[cell])
		return "a struct page that is not there is initialised";
	if (sim->owner[cell] != id)
		return "a struct page of another map is initialised";
	wrong = check_byte(sim, id, first * size);
	if (!wrong)
		wrong = check_byte(sim, id, (first + sim->cell) * size - 1);
	if (!wrong)
		sim->state[cell] = state;
	return wrong;
}

/* altmap_alloc_block_buf(): false for NULL */
static bool altmap_alloc(const struct cut_sim *sim, struct cut_sim_altmap *a,
			 u64 nr_pages, u64 *phys)
{
	u64 pfn = a->base_pfn + a->reserve + a->alloc + a->align;
	u64 used = a->alloc + a->align;
	u64 left = a->free > used ? a->free - used : 0;
	u64 to = sim->kernel == SIM_ALIGNS_MORE ? 2 * nr_pages : nr_pages;
	u64 align = 0;

	if (sim->kernel == SIM_IGNORES_RESERVE)
		pfn -= a->reserve;
	if (sim->kernel == SIM_IS_SIGNED && left > ~0ULL / 2)
		return false;
	while ((pfn + align) % to)
		align++;
	if (nr_pages + align > left)
		return false;
	pfn += align;
	*phys = pfn * sim->mm.page_size;
	if (sim->kernel == SIM_CHECKS_PFN && *phys / sim->mm.page_size != pfn)
		return false;
	a->alloc += nr_pages;
	a->align += align;
	return true;
}

/* The kernel writes all of a block at once where it poisons new struct pages */
static const char *take_block(struct cut_sim *sim, unsigned int id, u64 phys)
{
	u64 pfn = phys / sim->mm.page_size;
	u64 end = pfn + sim->mm.vmemmap_block / sim->mm.page_size;

	for (; pfn < end; pfn = next_cell(sim, pfn)) {
		u64 cell = cell_of(sim, pfn);

		if (cell == sim->nr_cells)
			return "memmap is outside of the range";
		if (sim->use[cell] == USE_INFO_BLOCK)
			return "memmap is on the info block";
		if (sim->use[cell] == USE_DATA)
			return "memmap is on data";
		if (sim->taken[cell])
			return "a page is given out twice";
		sim->taken[cell] = id;
	}
	return NULL;
}

/* vmemmap_populate() for a section or a part of one */
static const char *populate(struct cut_sim *sim, unsigned int id, u64 pfn,
			    u64 end_pfn, bool whole)
{
	u64 block = sim->mm.vmemmap_block;
	u64 to = end_pfn * sim->mm.struct_page_size;
	u64 from = pfn * sim->mm.struct_page_size;
	struct cut_sim_map *m = &sim->maps[id];
	const char *wrong = NULL;
	u64 phys;

	if (!whole)
		sim->dram += to - from;
	for (; from < to && !wrong; from = (from / block + 1) * block) {
		u64 *pmd = pmd_of(sim, from);

		if (*pmd != PMD_NONE && (whole || *pmd != PMD_TABLE))
			return "a block of the vmemmap is there already";
		if (!whole) {
			*pmd = PMD_TABLE;
			continue;
		}
		if (!altmap_alloc(sim, &m->altmap, block / sim->mm.page_size,
				  &phys))
			return "no memory for the memmap";
		*pmd = phys;
		wrong = take_block(sim, id, phys);
	}
	return wrong;
}

static bool next_section(const struct cut_sim *sim, const struct cut_sim_map *m,
			 u64 pfn, u64 *next)
{
	u64 section = sim->mm.section_size / sim->mm.page_size;
	u64 end = m->start_pfn + m->nr_pages;

	*next = (pfn / section + 1) * section;
	if (*next > end)
		*next = end;
	return *next - pfn == section;
}

/* __add_pages() */
static const char *add_pages(struct cut_sim *sim, unsigned int id)
{
	struct cut_sim_map *m = &sim->maps[id];
	u64 pfn, next, end = m->start_pfn + m->nr_pages;
	const char *wrong = NULL;

	if (m->has_altmap) {
		if (m->altmap.base_pfn != m->start_pfn)
			return "the altmap's base is not the map's start";
		if (m->altmap.reserve + m->altmap.free > m->nr_pages)
			return "the altmap is larger than the map";
		m->altmap.alloc = 0;
	}
	if (m->start_pfn % (sim->mm.map_align / sim->mm.page_size) ||
	    m->nr_pages % (sim->mm.map_align / sim->mm.page_size))
		return "the map is not aligned";
	for (pfn = m->start_pfn; pfn < end; pfn = next_cell(sim, pfn)) {
		u64 cell = cell_of(sim, pfn);

		if (cell == sim->nr_cells)
			return "the map is outside of the range";
		if (sim->owner[cell])
			return "a page is in two maps";
		sim->owner[cell] = id;
	}
	for (pfn = m->start_pfn; pfn < end && !wrong; pfn = next) {
		bool whole = next_section(sim, m, pfn, &next);

		if (whole && !m->has_altmap)
			return "no altmap for a whole section";
		wrong = populate(sim, id, pfn, next, whole);
	}
	return wrong;
}

/* memmap_init_range() as move_pfn_range_to_zone() calls it: it knows no end of the map */
static const char *init_altmap(struct cut_sim *sim, unsigned int id)
{
	const struct cut_sim_map *m = &sim->maps[id];
	const struct cut_sim_altmap *a = &m->altmap;
	u64 end = a->base_pfn + a->reserve + a->free;
	u64 pfn = m->start_pfn;
	const char *wrong = NULL;

	if (!m->has_altmap)
		return NULL;
	if (m->start_pfn == a->base_pfn)
		pfn += a->reserve;
	if (sim->kernel == SIM_MASKS_PFN)
		pfn = pfn * sim->mm.page_size / sim->mm.page_size;
	for (; pfn < end && !wrong; pfn = next_cell(sim, pfn))
		wrong = init_page(sim, id, pfn, STATE_RESERVED);
	return wrong;
}

static u64 first_data(const struct cut_sim_map *m)
{
	return m->start_pfn + m->altmap.reserve + m->altmap.free;
}

/* memmap_init_zone_device() */
static const char *init_data(struct cut_sim *sim, unsigned int id, u64 compound)
{
	const struct cut_sim_map *m = &sim->maps[id];
	u64 pfn = first_data(m);
	u64 end = m->start_pfn + m->nr_pages;
	const char *wrong = NULL;

	if (pfn % compound)
		return "a compound page is not aligned";
	while (pfn < end) {
		u64 page_end = pfn + compound;

		for (; pfn < page_end && !wrong; pfn = next_cell(sim, pfn))
			wrong = init_page(sim, id, pfn, STATE_LIVE);
		if (wrong)
			return wrong;
	}
	return NULL;
}

static const char *add(struct cut_sim *sim, unsigned int id, u64 compound)
{
	const char *wrong = add_pages(sim, id);

	if (!wrong)
		wrong = init_altmap(sim, id);
	if (!wrong)
		wrong = init_data(sim, id, compound);
	return wrong;
}

/* memremap_pages(): NULL, or what goes wrong, after which the simulator is of no use.
 * @compound is 1, or the pages of a compound page.
 */
const char *cut_sim_add(struct cut_sim *sim, unsigned int id,
			const struct pma_run *run, u64 compound)
{
	sim->maps[id] = (struct cut_sim_map){
		.start_pfn = run->base_pfn,
		.nr_pages = run->end_pfn - run->base_pfn + 1,
		.has_altmap = true,
		.altmap = { run->base_pfn, run->reserve, run->free, 0, 0 },
	};
	return add(sim, id, compound);
}

/* memremap_pages() of a part of a section, without an altmap */
const char *cut_sim_add_plain(struct cut_sim *sim, unsigned int id, u64 start,
			      u64 size)
{
	sim->maps[id] = (struct cut_sim_map){
		.start_pfn = start / sim->mm.page_size,
		.nr_pages = size / sim->mm.page_size,
	};
	return add(sim, id, 1);
}

/* vmem_altmap_free(), for what was taken as one block */
static const char *give_back(struct cut_sim *sim, unsigned int id, u64 phys)
{
	struct cut_sim_altmap *a = &sim->maps[id].altmap;
	u64 pages = sim->mm.vmemmap_block / sim->mm.page_size;
	u64 pfn = phys / sim->mm.page_size;
	u64 end = pfn + pages;

	if (sim->kernel == SIM_FREES_BY_RANGE &&
	    (pfn < a->base_pfn + a->reserve ||
	     pfn >= a->base_pfn + a->reserve + a->free)) {
		if (!sim->owner[cell_of(sim, pfn)])
			return "a struct page that is not there is asked";
	} else {
		a->alloc -= pages;
	}
	for (; pfn < end; pfn = next_cell(sim, pfn)) {
		u64 cell = cell_of(sim, pfn);

		if (sim->taken[cell] != id)
			return "what another map has taken is given back";
		sim->taken[cell] = 0;
	}
	return NULL;
}

/* vmemmap_free() for a section or a part of one */
static const char *depopulate(struct cut_sim *sim, unsigned int id, u64 pfn,
			      u64 end_pfn, bool whole)
{
	u64 block = sim->mm.vmemmap_block;
	u64 from = pfn * sim->mm.struct_page_size;
	u64 to = end_pfn * sim->mm.struct_page_size;
	const char *wrong = NULL;

	if (!whole)
		sim->dram -= to - from;
	for (; from < to && !wrong; from = (from / block + 1) * block) {
		u64 *pmd = pmd_of(sim, from);

		if (*pmd == PMD_NONE)
			return "a block of the vmemmap is gone already";
		if (*pmd != PMD_TABLE)
			wrong = give_back(sim, id, *pmd);
		*pmd = PMD_NONE;
	}
	return wrong;
}

/* memunmap_pages(): NULL, or what goes wrong */
const char *cut_sim_remove(struct cut_sim *sim, unsigned int id)
{
	struct cut_sim_map *m = &sim->maps[id];
	u64 pfn, next, end = m->start_pfn + m->nr_pages;
	u64 cell = cell_of(sim, first_data(m));
	const char *wrong = NULL;

	if (cell == sim->nr_cells || sim->owner[cell] != id ||
	    sim->state[cell] != STATE_LIVE)
		return "the first data page is not live";
	for (pfn = m->start_pfn; pfn < end && !wrong; pfn = next) {
		bool whole = next_section(sim, m, pfn, &next);

		wrong = depopulate(sim, id, pfn, next, whole);
	}
	for (pfn = m->start_pfn; pfn < end && !wrong;
	     pfn = next_cell(sim, pfn)) {
		cell = cell_of(sim, pfn);
		sim->owner[cell] = 0;
		sim->state[cell] = STATE_RAW;
	}
	m->nr_pages = 0;
	if (!wrong && m->altmap.alloc)
		wrong = "failed to free all reserved pages";
	return wrong;
}

/* What can be seen of a map that was added */
struct pma_run_seen cut_sim_seen(const struct cut_sim *sim, unsigned int id,
				 const struct pma_run *run)
{
	const struct cut_sim_altmap *a = &sim->maps[id].altmap;
	u64 size = sim->mm.struct_page_size;

	return (struct pma_run_seen){
		.alloc = a->alloc,
		.align = a->align,
		.first = translate(sim, run->base_pfn * size),
		.last = translate(sim, run->last_whole_pfn * size),
	};
}

/* Pages of data that a map has */
u64 cut_sim_live(const struct cut_sim *sim, unsigned int id)
{
	const struct cut_sim_map *m = &sim->maps[id];
	u64 pfn, pages = 0;

	for (pfn = m->start_pfn; pfn < m->start_pfn + m->nr_pages;
	     pfn = next_cell(sim, pfn)) {
		if (sim->state[cell_of(sim, pfn)] == STATE_LIVE)
			pages += sim->cell;
	}
	return pages;
}

/* NULL, or what is left when all maps are gone */
const char *cut_sim_idle(const struct cut_sim *sim)
{
	u64 i;

	for (i = 0; i < sim->nr_cells; i++) {
		if (sim->taken[i])
			return "a page of memmap was not given back";
		if (sim->owner[i] || sim->state[i])
			return "a struct page is still there";
	}
	for (i = 0; i < sim->nr_blocks; i++) {
		if (sim->pmds[i] != PMD_NONE)
			return "a block of the vmemmap is still there";
	}
	return sim->dram ? "DRAM was not given back" : NULL;
}
