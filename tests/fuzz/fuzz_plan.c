// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any info block, range and kernel are planned. An input is, in this order and
 * little endian, a short one ends in zeroes:
 *
 *   1 byte   bits 0-1: sizeof(struct page) 56, 64, 80, 128
 *            bit 2: pages of 64 KiB instead of 4 KiB
 *            bits 3-4: sections of 128, 256, 512 MiB, 1 GiB
 *            bit 5: maps aligned to a page instead of 2 MiB
 *            bit 6: no mappings of 1 GiB
 *            bit 7: vmemmap in blocks of a page instead of 2 MiB
 *   1        bit 0: start and size are in units of 2 MiB
 *            bit 1: the block is the kernel's own for them, and the numbers
 *            below are xor-ed onto it
 *            bits 2-3: its align is 4 KiB, 2 MiB, 16 MiB, 1 GiB
 *   8, 8     start, size of the namespace
 *   8, 8     dataoff, npfns
 *   4, 4, 4  start_pad, end_trunc, align
 *   4, 2, 1  page_size, page_struct_size, minor
 */
#include "fuzz.h"
#include "kernel_sim.h"
#include "plan/plan.h"

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

/* The simulator walks a range, block by block: let it not take all the time */
#define SIMULATED (16 * GIB)
#define SIMULATED_BLOCKS 4096

struct input {
	struct pma_memory_model mm;
	struct pma_infoblock ib;
	u64 start, size;
};

static bool is_simulated(u64 size, const struct pma_memory_model *mm)
{
	return size <= SIMULATED && size / mm->page_size *
						    mm->struct_page_size /
						    mm->vmemmap_block <=
					    SIMULATED_BLOCKS;
}

static void take_model(struct pma_memory_model *mm, u8 bits)
{
	static const u64 struct_page[] = { 56, 64, 80, 128 };

	mm->struct_page_size = struct_page[bits & 3];
	mm->page_size = bits & 4 ? 65536 : 4096;
	mm->section_size = 128 * MIB << (bits >> 3 & 3);
	mm->map_align = bits & 32 ? mm->page_size : 2 * MIB;
	mm->vmemmap_block = bits & 128 ? mm->page_size : 2 * MIB;
	mm->aligns = mm->page_size | 2 * MIB | 16 * MIB;
	if (!(bits & 64))
		mm->aligns |= GIB;
}

static void take_input(struct input *in, const u8 *data, size_t size)
{
	static const u64 aligns[] = { 4096, 2 * MIB, 16 * MIB, GIB };
	u64 sps, bits;

	memset(in, 0, sizeof(*in));
	take_model(&in->mm, take(&data, &size, 1));
	bits = take(&data, &size, 1);
	in->start = take(&data, &size, 8);
	in->size = take(&data, &size, 8);
	if (bits & 1) {
		in->start *= 2 * MIB;
		in->size *= 2 * MIB;
	}
	sps = in->mm.struct_page_size > 64 ? in->mm.struct_page_size : 64;
	if (bits & 2)
		sim_pfn_init(&in->ib, in->start, in->size,
			     aligns[bits >> 2 & 3], sps, &in->mm);
	in->ib.dataoff ^= take(&data, &size, 8);
	in->ib.npfns ^= take(&data, &size, 8);
	in->ib.start_pad ^= take(&data, &size, 4);
	in->ib.end_trunc ^= take(&data, &size, 4);
	in->ib.align ^= take(&data, &size, 4);
	in->ib.page_size ^= take(&data, &size, 4);
	in->ib.page_struct_size ^= take(&data, &size, 2);
	in->ib.major = 1;
	in->ib.minor = (in->ib.minor ^ take(&data, &size, 1)) % 5;
}

static bool is_multiple(u64 n, u64 of)
{
	return n % of == 0;
}

/* Numbers too wide to wrap */
typedef unsigned __int128 wide;

/* Where everything lies */
static void check_range(const struct input *in, const struct pma_plan *l)
{
	const struct pma_memory_model *mm = &in->mm;
	const struct pma_infoblock *ib = &in->ib;
	wide end = (wide)in->start + in->size - ib->end_trunc;

	CHECK(l->start == (wide)in->start + ib->start_pad);
	CHECK((wide)l->start + l->size == end);
	CHECK(l->size > 0 && end <= (wide)1 << 52);
	CHECK(is_multiple(l->start, mm->map_align));
	CHECK(is_multiple(l->size, mm->map_align));

	CHECK(l->page_size == mm->page_size);
	CHECK((wide)l->base_pfn * mm->page_size == l->start);
	CHECK(((wide)l->end_pfn + 1) * mm->page_size == end);

	CHECK(((wide)l->reserve + l->free) * mm->page_size == ib->dataoff);
	CHECK(l->reserve * mm->page_size >= 8192);
	CHECK((l->reserve - 1) * mm->page_size < 8192);
	CHECK(l->data_start == (wide)l->start + ib->dataoff);
	CHECK((wide)l->data_start + l->data_size == end);
	CHECK(l->data_size > 0);
	CHECK(ib->npfns > 0);
	CHECK((wide)ib->npfns * mm->page_size <= l->data_size);

	CHECK(l->align && !(l->align & (l->align - 1)));
	CHECK(l->align & mm->aligns);
	CHECK(!ib->align || l->align == ib->align);
	CHECK(is_multiple(l->data_start, l->align));
	CHECK(is_multiple(l->data_size, l->align));
	CHECK(mm->struct_page_size <= ib->page_struct_size);
}

static void simulate(const char *differs)
{
	if (differs)
		fprintf(stderr, "%s\n", differs);
	CHECK(!differs);
}

static void check_memmap(const struct input *in, const struct pma_plan *l)
{
	const struct pma_memory_model *mm = &in->mm;
	u64 pages = l->end_pfn - l->base_pfn + 1;
	u64 section = mm->section_size / mm->page_size;
	u64 block = mm->vmemmap_block / mm->page_size;
	u64 parts = l->head_pages + l->tail_pages;

	CHECK(l->head_pages < section && l->tail_pages < section);
	CHECK(parts <= pages && is_multiple(pages - parts, section));
	CHECK(l->full_memmap == (pages - parts) * mm->struct_page_size);
	CHECK(l->need * mm->page_size >= l->full_memmap);
	CHECK(l->pad + l->need <= l->free);
	CHECK(l->pad < block && is_multiple(l->need, block));
	if (l->need)
		CHECK(l->memmap_start == l->start + (l->reserve + l->pad) *
							    mm->page_size &&
		      is_multiple(l->memmap_start, mm->vmemmap_block));
	else
		CHECK(!l->pad);
	if (is_simulated(l->size, mm)) {
		simulate(sim_disagrees(l, mm));
		simulate(sim_requested(l, mm));
	}
}

/* The same numbers, as they come from another module */
static void check_request(const struct input *in)
{
	const struct pma_request r = {
		.start = in->start,
		.size = in->size,
		.reserve = in->ib.start_pad,
		.free = in->ib.minor & 1 ? in->ib.npfns : 0,
		.align = in->ib.align,
	};
	struct pma_refusal why = { 0 };
	struct pma_plan l;
	int rc = pma_plan_request(&r, &in->mm, &l, &why);

	if (rc) {
		CHECK(rc == -EOPNOTSUPP || rc == -ERANGE || rc == -EINVAL ||
		      rc == -ENOSPC);
		check_refusal(rc, &why);
		return;
	}
	CHECK(l.start == in->start && l.size == in->size);
	CHECK(l.reserve == r.reserve && (!r.free || l.free == r.free));
	CHECK(l.data_start >= l.start && l.data_size);
	CHECK((wide)l.data_start + l.data_size == (wide)l.start + l.size);
	CHECK(l.data_start ==
	      l.start + (l.reserve + l.free) * in->mm.page_size);
	CHECK(is_multiple(l.data_start | l.data_size, l.align));
	if (is_simulated(l.size, &in->mm))
		simulate(sim_disagrees(&l, &in->mm));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct pma_refusal why = { 0 };
	struct pma_plan l;
	struct input in;
	int rc;

	take_input(&in, data, size);
	check_request(&in);
	rc = pma_plan_infoblock(&in.ib, in.start, in.size, &in.mm, &l, &why);
	if (!rc) {
		check_range(&in, &l);
		check_memmap(&in, &l);
		return 0;
	}
	CHECK(rc == -EOPNOTSUPP || rc == -ERANGE || rc == -EINVAL ||
	      rc == -ENOSPC);
	check_refusal(rc, &why);
	if (rc == -ENOSPC && is_simulated(in.size, &in.mm))
		CHECK(!sim_fits(&in.ib, in.start, in.size, &in.mm));
	return 0;
}
