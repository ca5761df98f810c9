// SPDX-License-Identifier: GPL-2.0-only
#include "plan/plan.h"

#define RECREATE \
	"save its data and create the namespace anew with ndctl"

static bool is_pow2(u64 n)
{
	return n && !(n & (n - 1));
}

static u64 align_down(u64 n, u64 to)
{
	return n & ~(to - 1);
}

static u64 align_up(u64 n, u64 to)
{
	return align_down(n + to - 1, to);
}

static u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* Blocks older than 1.2 imply an align: as in nd_pfn_validate(), the highest bit of dataoff. */
static u64 effective_align(const struct pma_infoblock *ib)
{
	u64 bit = ib->dataoff;

	if (ib->align)
		return ib->align;
	while (bit & (bit - 1))
		bit &= bit - 1;
	return bit;
}

static int check_page_format(const struct pma_infoblock *ib,
			     const struct pma_memory_model *mm,
			     struct pma_refusal *why)
{
	u64 page_size = ib->minor >= 4 ? ib->page_size : mm->page_size;

	if (page_size != mm->page_size)
		return pma_refuse(why, -EOPNOTSUPP,
				  "made for pages of %llu bytes, this kernel's have %llu: boot a kernel with that page size, or "
				  RECREATE, page_size, mm->page_size);
	if (ib->page_struct_size < mm->struct_page_size)
		return pma_refuse(why, -EOPNOTSUPP,
				  "has room for %u bytes per struct page, this kernel's take %llu: boot a kernel with a smaller struct page (no KMSAN or other debug options), or "
				  RECREATE,
				  ib->page_struct_size, mm->struct_page_size);
	return 0;
}

/* The mapped range is the namespace without the padding at both ends. */
static int plan_range(const struct pma_infoblock *ib, u64 start, u64 size,
		      const struct pma_memory_model *mm, struct pma_plan *l,
		      struct pma_refusal *why)
{
	u64 pads = (u64)ib->start_pad + ib->end_trunc;

	if (!size || size > PMA_PHYS_LIMIT || start > PMA_PHYS_LIMIT - size)
		return pma_refuse(why, -ERANGE,
				  "range of %llu bytes at %#llx is empty or beyond the physical address limit %#llx: resize the namespace with ndctl",
				  size, start, PMA_PHYS_LIMIT);
	if (pads >= size)
		return pma_refuse(why, -ERANGE,
				  "info block's start_pad %u and end_trunc %u leave nothing of the namespace's %llu bytes: "
				  RECREATE, ib->start_pad, ib->end_trunc, size);

	l->start = start + ib->start_pad;
	l->size = size - pads;
	if ((l->start | l->size) & (mm->map_align - 1))
		return pma_refuse(why, -EINVAL,
				  "start %#llx or size %#llx is not a multiple of %llu bytes: "
				  RECREATE " at an aligned size (-s)",
				  l->start, l->size, mm->map_align);

	l->page_size = mm->page_size;
	l->base_pfn = l->start / mm->page_size;
	l->end_pfn = (l->start + l->size) / mm->page_size - 1;
	return 0;
}

/* The data lies behind the head, by the rules of nd_pfn_validate() and device-dax. */
static int plan_data(const struct pma_infoblock *ib,
		     const struct pma_memory_model *mm, struct pma_plan *l,
		     struct pma_refusal *why)
{
	u64 head = align_up(PMA_INFOBLOCK_RESERVE, mm->page_size);
	u64 npfns;

	if (ib->dataoff < head || ib->dataoff >= l->size ||
	    ib->dataoff & (mm->page_size - 1))
		return pma_refuse(why, -ERANGE,
				  "dataoff %#llx is not a page boundary between %#llx and the size %#llx: "
				  RECREATE, ib->dataoff, head, l->size);

	l->data_start = l->start + ib->dataoff;
	l->data_size = l->size - ib->dataoff;
	npfns = l->data_size / mm->page_size;
	if (!ib->npfns || ib->npfns > npfns)
		return pma_refuse(why, -ERANGE,
				  "info block counts %llu data pages, the namespace has %llu: restore its former size, or "
				  RECREATE, ib->npfns, npfns);

	l->align = effective_align(ib);
	if (!is_pow2(l->align) || !(l->align & mm->aligns))
		return pma_refuse(why, -EOPNOTSUPP,
				  "align of %llu bytes cannot be mapped by this kernel (possible sizes, or-ed: %#llx): "
				  RECREATE " with another --align",
				  l->align, mm->aligns);
	if ((l->data_start | l->data_size) & (l->align - 1))
		return pma_refuse(why, -EINVAL,
				  "data at %#llx, %#llx bytes, is not a multiple of align %#llx: "
				  RECREATE,
				  l->data_start, l->data_size, l->align);

	l->reserve = head / mm->page_size;
	l->free = ib->dataoff / mm->page_size - l->reserve;
	return 0;
}

/*
 * This computes what vmemmap_populate() on x86 will do (arch/x86/mm/init_64.c). The memmap of a
 * whole section comes from the altmap in aligned PMD blocks; the memmap of a part of a section
 * comes from DRAM. Where the memmap of a section is not a whole number of blocks (struct page
 * has neither 64 nor 128 bytes), the block at a seam would belong to both neighbours: one could
 * free the block under the other, or populate base pages in it.
 */
static int measure_memmap(const struct pma_memory_model *mm,
			  struct pma_plan *l, struct pma_refusal *why)
{
	u64 end = l->start + l->size;
	u64 first = align_up(l->start, mm->section_size);
	u64 last = align_down(end, mm->section_size);
	u64 block_pages = mm->vmemmap_block / mm->page_size;
	u64 map_start, map_end, next;

	l->head_pages = (min_u64(first, end) - l->start) / mm->page_size;
	if (first <= last)
		l->tail_pages = (end - last) / mm->page_size;

	map_start = first / mm->page_size * mm->struct_page_size;
	map_end = last / mm->page_size * mm->struct_page_size;
	if (mm->section_size / mm->page_size * mm->struct_page_size %
	    mm->vmemmap_block &&
	    (l->head_pages || l->tail_pages || map_start % mm->vmemmap_block ||
	     map_end % mm->vmemmap_block))
		return pma_refuse(why, -EOPNOTSUPP,
				  "with struct pages of %llu bytes the memmap of [%#llx-%#llx] would share a block of %llu bytes with its neighbours': boot a kernel whose struct page has 64 bytes",
				  mm->struct_page_size, l->start, end - 1,
				  mm->vmemmap_block);
	if (first >= last)
		return 0;

	next = l->base_pfn + l->reserve;
	l->full_memmap = map_end - map_start;
	l->need = l->full_memmap / mm->page_size;
	l->pad = align_up(next, block_pages) - next;
	l->memmap_start = (next + l->pad) * mm->page_size;
	return 0;
}

static int check_altmap(const struct pma_plan *l, const char *remedy,
			struct pma_refusal *why)
{
	if (l->need && l->pad + l->need > l->free)
		return pma_refuse(why, -ENOSPC,
				  "altmap has %llu free pages, but the memmap of this range of %llu bytes takes %llu, and %llu are lost to alignment: %s",
				  l->free, l->size, l->need, l->pad, remedy);
	return 0;
}

/**
 * pma_plan_infoblock - make the plan of an info block
 * @ib: parsed block; its numbers are not trusted
 * @start: physical address of the namespace
 * @size: bytes of the namespace
 * @mm: the kernel that attaches
 * @l: filled in on success
 * @why: filled in on refusal
 *
 * Everything that makes __add_pages(), check_pfn_span() or vmemmap_populate()
 * fail or warn for the range is found here, before anything is touched.
 *
 * Context: any.
 * Return: 0, or -EOPNOTSUPP (page format, align, shared blocks), -ERANGE (numbers
 * that do not fit the range), -EINVAL (misaligned) or -ENOSPC (altmap too small).
 */
int pma_plan_infoblock(const struct pma_infoblock *ib, u64 start, u64 size,
		       const struct pma_memory_model *mm, struct pma_plan *l,
		       struct pma_refusal *why)
{
	int rc;

	memset(l, 0, sizeof(*l));

	rc = check_page_format(ib, mm, why);
	if (rc)
		return rc;
	rc = plan_range(ib, start, size, mm, l, why);
	if (rc)
		return rc;
	rc = plan_data(ib, mm, l, why);
	if (!rc)
		rc = measure_memmap(mm, l, why);
	if (!rc)
		rc = check_altmap(l, RECREATE, why);
	return rc;
}

static int request_range(const struct pma_request *r,
			 const struct pma_memory_model *mm,
			 struct pma_plan *l, struct pma_refusal *why)
{
	if (!r->size || r->size > PMA_PHYS_LIMIT ||
	    r->start > PMA_PHYS_LIMIT - r->size)
		return pma_refuse(why, -ERANGE,
				  "range of %llu bytes at %#llx is empty or beyond the physical address limit %#llx: give another one",
				  r->size, r->start, PMA_PHYS_LIMIT);
	if ((r->start | r->size) & (mm->map_align - 1))
		return pma_refuse(why, -EINVAL,
				  "start %#llx or size %#llx is not a multiple of %llu bytes: leave out the ends",
				  r->start, r->size, mm->map_align);
	if (!is_pow2(r->align) || !(r->align & mm->aligns))
		return pma_refuse(why, -EOPNOTSUPP,
				  "align of %llu bytes cannot be mapped by this kernel (possible sizes, or-ed: %#llx): give another one",
				  r->align, mm->aligns);
	l->start = r->start;
	l->size = r->size;
	l->align = r->align;
	l->page_size = mm->page_size;
	l->base_pfn = l->start / mm->page_size;
	l->end_pfn = (l->start + l->size) / mm->page_size - 1;
	if (r->reserve > l->end_pfn - l->base_pfn ||
	    r->free > l->end_pfn - l->base_pfn - r->reserve)
		return pma_refuse(why, -ERANGE,
				  "reserve %llu and free %llu leave nothing of the range's %llu pages: give less",
				  r->reserve, r->free, l->size / mm->page_size);
	l->reserve = r->reserve;
	return 0;
}

static int request_data(const struct pma_request *r,
			const struct pma_memory_model *mm, struct pma_plan *l,
			struct pma_refusal *why)
{
	const u64 end = l->start + l->size;

	l->free = r->free;
	l->data_start = l->start + (l->reserve + l->free) * mm->page_size;
	if (!r->free) {
		l->data_start = align_up(l->data_start +
					 (l->pad + l->need) * mm->page_size,
					 l->align);
		l->free = (l->data_start - l->start) / mm->page_size -
			  l->reserve;
	}
	if (l->data_start >= end)
		return pma_refuse(why, -ENOSPC,
				  "the head takes the whole range of %llu bytes (reserve %llu pages, memmap %llu, alignment to %llu bytes): give a larger one",
				  l->size, l->reserve, l->need, l->align);
	l->data_size = end - l->data_start;
	if ((l->data_start | l->data_size) & (l->align - 1))
		return pma_refuse(why, -EINVAL,
				  "data at %#llx, %#llx bytes, is not a multiple of align %#llx: give another free or size, or a smaller align",
				  l->data_start, l->data_size, l->align);
	return check_altmap(l, "give more, or 0 for as many as it takes", why);
}

/**
 * pma_plan_request - make the plan of a range that has no info block
 * @r: the request; its numbers are not trusted
 * @mm: the kernel that attaches
 * @l: filled in on success
 * @why: filled in on refusal
 *
 * This makes the same checks as pma_plan_infoblock(), for the same reasons. A request with the
 * numbers of a plan that came from there gives the same plan.
 *
 * Context: any.
 * Return: 0, or -EOPNOTSUPP (align, shared blocks), -ERANGE (numbers that do not fit the
 * range), -EINVAL (misaligned) or -ENOSPC (altmap or range too small).
 */
int pma_plan_request(const struct pma_request *r,
		     const struct pma_memory_model *mm, struct pma_plan *l,
		     struct pma_refusal *why)
{
	int rc;

	memset(l, 0, sizeof(*l));

	rc = request_range(r, mm, l, why);
	if (!rc)
		rc = measure_memmap(mm, l, why);
	if (!rc)
		rc = request_data(r, mm, l, why);
	return rc;
}

/* Pages of page tables for a part of the address space whose ends lie within tables. */
static u64 table_pages(u64 size, const struct pma_memory_model *mm)
{
	const u64 entries = mm->page_size / sizeof(u64);
	/* A table of the lowest level maps this much; a whole one is replaced by one block. */
	u64 pages = 2, span = mm->page_size * entries;

	do {
		span *= entries;
		pages += size / span + 2;
	} while (span < size);
	return pages;
}

/**
 * pma_plan_dram - DRAM that adding a range takes besides its memmap
 * @l: the plan
 * @mm: the kernel that attaches
 *
 * The kernel takes page tables for the direct map and for the vmemmap, down to blocks of 2 MiB,
 * and a struct mem_section and its usage for each section: some 6 MiB for a TiB. The result is
 * an upper bound, except where the kernel maps DRAM in pages of 4 KiB (debug_pagealloc).
 *
 * Context: any.
 * Return: bytes.
 */
u64 pma_plan_dram(const struct pma_plan *l, const struct pma_memory_model *mm)
{
	const u64 section = 256;
	u64 pages, sections;

	pages = table_pages(l->size, mm);
	pages += table_pages(l->size / mm->page_size * mm->struct_page_size, mm);
	sections = l->size / mm->section_size + 2;
	return pages * mm->page_size + sections * section;
}
