// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "kernel_sim.h"

const struct pma_memory_model sim_x86 = {
	.page_size = 4096,
	.struct_page_size = 64,
	.section_size = 128 << 20,
	.map_align = 2 << 20,
	.vmemmap_block = 2 << 20,
	.aligns = 4096 | 2 << 20 | 1 << 30,
};

enum pmd {
	PMD_NONE,
	PMD_HUGE,
	PMD_TABLE
};

struct altmap {
	u64 base_pfn;
	u64 reserve;
	u64 free;
	u64 alloc;
	u64 align;
};

struct vmemmap {
	const struct pma_memory_model *mm;
	struct altmap altmap;
	u64 first; /* number of the block that pmds[0] is for */
	unsigned char *pmds;
	struct sim_result *sim;
};

/**
 * sim_pfn_init - the info block that the kernel writes for a new namespace
 * @ib: filled in
 * @start: physical address of the namespace
 * @size: bytes
 * @align: the --align of ndctl
 * @page_struct_size: what is set aside for each page
 * @mm: the kernel that creates it
 *
 * See nd_pfn_init() in drivers/nvdimm/pfn_devs.c.
 *
 * Return: false if the namespace is too small to be created.
 */
bool sim_pfn_init(struct pma_infoblock *ib, u64 start, u64 size, u64 align,
		  u64 page_struct_size, const struct pma_memory_model *mm)
{
	u64 step = align > mm->map_align ? align : mm->map_align;
	u64 trunc = (start + size) % step;
	u64 data = start + 8192;

	if (size <= 8192)
		return false;
	data += page_struct_size * ((size - 8192) / mm->page_size);
	data = (data + step - 1) / step * step;
	if (data - start >= size || data - start + trunc >= size)
		return false;

	memset(ib, 0, sizeof(*ib));
	ib->major = 1;
	ib->minor = 4;
	ib->dataoff = data - start;
	ib->npfns = (size - ib->dataoff - trunc) / mm->page_size;
	ib->end_trunc = trunc;
	ib->align = align;
	ib->page_size = mm->page_size;
	ib->page_struct_size = page_struct_size;
	return true;
}

/* altmap_alloc_block_buf() */
static bool altmap_alloc(struct altmap *a, u64 nr_pages)
{
	u64 next = a->base_pfn + a->reserve + a->alloc + a->align;
	u64 used = a->alloc + a->align;
	u64 left = a->free > used ? a->free - used : 0;
	u64 align = 0;

	while ((next + align) % nr_pages)
		align++;
	if (nr_pages + align > left)
		return false;
	a->alloc += nr_pages;
	a->align += align;
	return true;
}

/* The block that was taken last */
static void written(struct vmemmap *v, u64 nr_pages)
{
	const struct altmap *a = &v->altmap;
	u64 end = a->base_pfn + a->reserve + a->align + a->alloc;

	if (!v->sim->written_end)
		v->sim->written_start = (end - nr_pages) * v->mm->page_size;
	v->sim->written_end = end * v->mm->page_size;
}

/* vmemmap_populate_hugepages(), for a whole section */
static bool populate_whole(struct vmemmap *v, u64 from, u64 to)
{
	u64 block = v->mm->vmemmap_block;
	u64 next;

	for (; from < to; from = next) {
		unsigned char *pmd = &v->pmds[from / block - v->first];

		next = (from / block + 1) * block;
		if (next > to)
			next = to;
		switch (*pmd) {
		case PMD_HUGE:
			break;
		case PMD_TABLE:
			v->sim->whole_dram += next - from;
			break;
		default:
			if (!altmap_alloc(&v->altmap, block / v->mm->page_size))
				return false;
			*pmd = PMD_HUGE;
			written(v, block / v->mm->page_size);
		}
	}
	return true;
}

/*
 * vmemmap_populate_basepages(), for a part of a section. Behind a whole section
 * that shares its last block it would take that huge block for a page table:
 * that is not simulated, and cannot be when no block is shared.
 */
static void populate_part(struct vmemmap *v, u64 from, u64 to)
{
	u64 block = v->mm->vmemmap_block;
	u64 i;

	v->sim->part_dram += to - from;
	for (i = from / block; i <= (to - 1) / block; i++) {
		if (v->pmds[i - v->first] == PMD_NONE)
			v->pmds[i - v->first] = PMD_TABLE;
	}
}

/**
 * sim_add_pages - add a range section by section
 * @base_pfn: first pfn of the range and of the altmap
 * @nr_pages: of the range
 * @reserve: of the altmap
 * @nr_free: free pages of the altmap
 * @mm: the kernel
 * @sim: filled in
 *
 * See __add_pages() in mm/memory_hotplug.c and vmemmap_populate() in
 * arch/x86/mm/init_64.c. No other memory is near.
 */
void sim_add_pages(u64 base_pfn, u64 nr_pages, u64 reserve, u64 nr_free,
		   const struct pma_memory_model *mm, struct sim_result *sim)
{
	u64 section = mm->section_size / mm->page_size;
	u64 end = base_pfn + nr_pages, sps = mm->struct_page_size;
	struct vmemmap v = {
		.mm = mm,
		.altmap = { base_pfn, reserve, nr_free, 0, 0 },
		.first = base_pfn * sps / mm->vmemmap_block,
		.sim = sim,
	};
	u64 last = (end * sps - 1) / mm->vmemmap_block;
	u64 pfn, next;

	memset(sim, 0, sizeof(*sim));
	v.pmds = calloc(last - v.first + 1, 1);
	if (!v.pmds)
		abort();

	for (pfn = base_pfn; pfn < end && !sim->ran_out; pfn = next) {
		next = (pfn / section + 1) * section;
		if (next > end)
			next = end;
		if (next - pfn < section)
			populate_part(&v, pfn * sps, next * sps);
		else if (!populate_whole(&v, pfn * sps, next * sps))
			sim->ran_out = true;
	}
	sim->alloc = v.altmap.alloc;
	sim->align = v.altmap.align;
	free(v.pmds);
}

/*
 * Where a section's memmap is no whole number of blocks, neighbours share one.
 * If the first of them is partial, the kernel has made a page table of it and
 * takes no block: the plan may count one too many.
 */
static bool blocks_are_shared(const struct pma_memory_model *mm)
{
	u64 pages = mm->section_size / mm->page_size;

	return pages * mm->struct_page_size % mm->vmemmap_block;
}

/**
 * sim_disagrees - compare an accepted plan with what the kernel does
 * @l: from pma_plan_infoblock()
 * @mm: the kernel
 *
 * Return: what differs, or NULL.
 */
const char *sim_disagrees(const struct pma_plan *l,
			  const struct pma_memory_model *mm)
{
	u64 pages = l->end_pfn + 1 - l->base_pfn;
	u64 sps = mm->struct_page_size;
	struct sim_result sim;

	sim_add_pages(l->base_pfn, pages, l->reserve, l->free, mm, &sim);
	if (sim.ran_out)
		return "accepted, but the kernel runs out of altmap";
	if ((l->head_pages + l->tail_pages) * sps != sim.part_dram)
		return "head_pages and tail_pages";
	if (l->full_memmap + sim.part_dram != pages * sps)
		return "full_memmap";
	if (l->need < sim.alloc)
		return "need is less than the kernel takes";
	if (l->need > sim.alloc + mm->vmemmap_block / mm->page_size)
		return "need is more than a block too much";
	if (blocks_are_shared(mm))
		return NULL;
	if (l->need != sim.alloc)
		return "need";
	if (l->pad != sim.align)
		return "pad";
	if (sim.alloc && (l->memmap_start != sim.written_start ||
			  l->memmap_start + l->full_memmap != sim.written_end))
		return "memmap_start";
	if (sim.whole_dram)
		return "memmap of a whole section is in DRAM";
	return NULL;
}

/**
 * sim_fits - would the kernel be content with a layout that was refused?
 * @ib: refused with -ENOSPC, everything else is right
 * @start: physical address of the namespace
 * @size: bytes of the namespace
 * @mm: the kernel
 *
 * Return: true if the altmap is large enough, with room to spare where the plan
 * may count a block, and the pad before it, too many.
 */
bool sim_fits(const struct pma_infoblock *ib, u64 start, u64 size,
	      const struct pma_memory_model *mm)
{
	u64 reserve = (8192 + mm->page_size - 1) / mm->page_size;
	u64 spare = 2 * mm->vmemmap_block / mm->page_size;
	u64 nr_free = ib->dataoff / mm->page_size - reserve;
	struct sim_result sim;

	start += ib->start_pad;
	size -= (u64)ib->start_pad + ib->end_trunc;
	if (blocks_are_shared(mm))
		nr_free = nr_free > spare ? nr_free - spare : 0;
	sim_add_pages(start / mm->page_size, size / mm->page_size, reserve,
		      nr_free, mm, &sim);
	return !sim.ran_out && (sim.alloc || !blocks_are_shared(mm));
}

/**
 * sim_requested - is what a plan says, asked for without an info block, the same plan?
 * @planned: an accepted plan
 * @mm: the kernel
 *
 * And when it may choose, does it set aside no more, and enough?
 *
 * Return: NULL, or what is wrong.
 */
const char *sim_requested(const struct pma_plan *planned,
			  const struct pma_memory_model *mm)
{
	struct pma_request r = {
		.start = planned->start,
		.size = planned->size,
		.reserve = planned->reserve,
		.free = planned->free,
		.align = planned->align,
	};
	struct pma_refusal why;
	struct pma_plan l;

	/* 0 pages are as many as it takes, which may be some for the sake of align */
	if (planned->free) {
		if (pma_plan_request(&r, mm, &l, &why))
			return "what is planned is refused when it is asked for";
		if (memcmp(&l, planned, sizeof(l)))
			return "what is planned is laid out otherwise when it is asked for";
	}
	r.free = 0;
	if (pma_plan_request(&r, mm, &l, &why))
		return "as much as it takes is refused";
	if (planned->free && l.free > planned->free)
		return "as much as it takes is more than what is planned";
	return sim_disagrees(&l, mm);
}
