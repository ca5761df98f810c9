// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any plan is cut, and maps of its units come and go in the simulated kernel. An input
 * is, in this order and little endian, a short one ends in zeroes:
 *
 *   1 byte   bits 0-1: sizeof(struct page) 56, 64, 80, 128
 *            bit 2: pages of 64 KiB instead of 4 KiB
 *            bits 3-4: sections of 128, 256, 512 MiB, 1 GiB
 *            bit 5: vmemmap in blocks of a page instead of 2 MiB
 *            bit 6: a small model, whose section has 32 pages
 *   1        bits 0-1: align is a page, a block, a section, 4 sections
 *            bits 2-5: the unit is that power of two of a section, halved
 *            bit 6: the numbers of the plan are xor-ed, too
 *            bit 7: the unit is a number of 8 bytes that follows
 *   4, 4     start, size of the namespace in units of a block; as the kernel formats it
 *   4, 4, 4  xor-ed onto dataoff, in units of a page; start_pad, end_trunc
 *   8 x 8    if bit 6 is set: xor-ed onto start, size, align, page_size, reserve, free,
 *            data_start and data_size of the plan
 *   rest     what comes and goes
 */
#include "cut_walk.h"
#include "fuzz.h"
#include "kernel_sim.h"

#define KIB (1ULL << 10)
#define MIB (1ULL << 20)

/* The simulator walks all cells: let it not take all the time */
#define SIMULATED_CELLS 9000
#define SIMULATED_UNITS 1000

/* Numbers too wide to wrap */
typedef unsigned __int128 wide;

static const u8 *choices;
static size_t nr_choices;

static u64 below(u64 limit)
{
	return take(&choices, &nr_choices, limit > 256 ? 2 : 1) % limit;
}

static void take_model(struct pma_memory_model *mm, u8 bits)
{
	static const u64 struct_page[] = { 56, 64, 80, 128 };

	mm->struct_page_size = struct_page[bits & 3];
	mm->page_size = bits & 4 ? 65536 : 4096;
	mm->section_size = 128 * MIB << (bits >> 3 & 3);
	mm->map_align = 2 * MIB;
	mm->vmemmap_block = bits & 32 ? mm->page_size : 2 * MIB;
	if (bits & 64) {
		mm->struct_page_size = 1024 << (bits & 1);
		mm->page_size = 4096;
		mm->section_size = 128 * KIB;
		mm->map_align = 32 * KIB;
		mm->vmemmap_block = bits & 32 ? 4 * KIB : 32 * KIB;
	}
	mm->aligns = mm->page_size | mm->map_align | mm->section_size |
		     4 * mm->section_size;
}

/* What is planned, and what somebody else makes of it */
static void take_plan(struct cut_plan *p, u64 *unit, const u8 *data,
		      size_t size)
{
	struct pma_refusal why;
	struct pma_infoblock ib;
	u64 bits, align, start, bytes;

	memset(p, 0, sizeof(*p));
	memset(&ib, 0, sizeof(ib));
	take_model(&p->mm, take(&data, &size, 1));
	bits = take(&data, &size, 1);
	align = (const u64[]){ p->mm.page_size, p->mm.map_align,
			       p->mm.section_size,
			       4 * p->mm.section_size }[bits & 3];
	*unit = p->mm.section_size / 2 << (bits >> 2 & 15);
	if (bits & 128)
		*unit = take(&data, &size, 8);
	start = take(&data, &size, 4) * p->mm.map_align;
	bytes = take(&data, &size, 4) * p->mm.map_align;
	sim_pfn_init(&ib, start, bytes, align, p->mm.struct_page_size, &p->mm);
	ib.dataoff ^= take(&data, &size, 4) * p->mm.page_size;
	ib.start_pad ^= take(&data, &size, 4);
	ib.end_trunc ^= take(&data, &size, 4);
	ib.npfns = 1;
	pma_plan_infoblock(&ib, start, bytes, &p->mm, &p->l, &why);
	if (bits & 64) {
		p->l.start ^= take(&data, &size, 8);
		p->l.size ^= take(&data, &size, 8);
		p->l.align ^= take(&data, &size, 8);
		p->l.page_size ^= take(&data, &size, 8);
		p->l.reserve ^= take(&data, &size, 8);
		p->l.free ^= take(&data, &size, 8);
		p->l.data_start ^= take(&data, &size, 8);
		p->l.data_size ^= take(&data, &size, 8);
	}
	choices = data;
	nr_choices = size;
}

static wide slice(const struct cut_plan *p)
{
	return (wide)p->mm.section_size / p->mm.page_size *
	       p->mm.struct_page_size;
}

static void check_cut(const struct cut_plan *p, u64 unit)
{
	const struct pma_plan *l = &p->l;
	const struct pma_cut *c = &p->cut;
	u64 section = p->mm.section_size;
	wide sections = c->end / section - c->start / section;

	CHECK(c->data_start == l->data_start);
	CHECK(c->end == (wide)l->start + l->size);
	CHECK(c->end == (wide)c->data_start + l->data_size);
	CHECK(c->unit >= unit && c->unit >= section && c->unit >= l->align);
	CHECK(!(c->unit & (c->unit - 1)));
	CHECK(c->start % section == 0 && c->start <= c->data_start);
	CHECK(c->data_start - c->start < section);
	CHECK(c->start >= (wide)l->start + section);
	CHECK(c->nr_units >= 2 && c->nr_units <= sections);

	CHECK(c->windows >= l->start + (wide)l->reserve * p->mm.page_size);
	CHECK(c->windows + sections * slice(p) <= c->data_start);
	CHECK(c->windows % p->mm.vmemmap_block == 0);
}

/* The numbers of the kernel's sums */
static void check_altmap(const struct cut_plan *p, const struct pma_run *run)
{
	u64 next = run->base_pfn + run->reserve;
	u64 data = run->base_pfn + run->reserve + run->free;

	CHECK(run->size && run->start % p->mm.section_size == 0);
	CHECK((wide)run->base_pfn * p->mm.page_size == run->start);
	CHECK(((wide)run->end_pfn + 1) * p->mm.page_size ==
	      (wide)run->start + run->size);
	CHECK(run->data_start + (wide)run->data_size ==
	      (wide)run->start + run->size);
	CHECK(run->reserve + run->free == run->offset);
	CHECK(run->offset <= run->end_pfn - run->base_pfn);
	CHECK(data * p->mm.page_size == run->data_start);
	CHECK(next * p->mm.page_size == run->window);
	CHECK(run->window % p->mm.vmemmap_block == 0);
	/* No struct page is initialised before those of the data */
	CHECK(next >= data);
	/* The kernel's check for room does not fail */
	CHECK(run->free > run->need);
	CHECK((wide)run->window + run->window_size <= p->l.data_start);
	CHECK(run->window >= p->l.start + (wide)p->l.reserve * p->mm.page_size);
	CHECK((wide)run->need * p->mm.page_size == run->window_size);
	CHECK(run->window_size == run->size / p->mm.section_size * slice(p));
	CHECK(run->tail_memmap < slice(p));
}

/* Two runs that meet, and the units at their ends */
static void check_runs(const struct cut_plan *p)
{
	const u64 last = p->cut.nr_units - 1;
	u64 first = below(last), middle = first + below(last - first);
	struct pma_refusal why;
	struct pma_run a, b;

	CHECK(!pma_cut_run(&p->cut, first, middle, &a, &why));
	CHECK(!pma_cut_run(&p->cut, middle + 1, last, &b, &why));
	check_altmap(p, &a);
	check_altmap(p, &b);
	CHECK(a.start + a.size == b.start && b.offset == 0);
	CHECK(a.window + a.window_size == b.window && a.tail_memmap == 0);
	CHECK(b.start + b.size == p->cut.end);
	CHECK(b.start % p->cut.unit == 0 && a.data_size % p->l.align == 0);
	CHECK(pma_cut_unit(&p->cut, a.data_start - p->l.data_start) == first);
	CHECK(pma_cut_unit(&p->cut, b.start - p->l.data_start - 1) == middle);
	CHECK(pma_cut_unit(&p->cut, b.start - p->l.data_start) == middle + 1);
	CHECK(pma_cut_unit(&p->cut, p->l.data_size - 1) == last);
	CHECK(pma_cut_unit(&p->cut, ~0ULL) == last);
	CHECK(pma_cut_run(&p->cut, first, last + 1, &a, &why) == -EINVAL);
	check_refusal(-EINVAL, &why);

	pma_cut_rehearsal(&p->cut, &a);
	check_altmap(p, &a);
	CHECK(a.size == p->mm.section_size && !a.offset);
	CHECK((wide)a.start + a.size <= p->cut.start);
	CHECK(a.window + a.window_size == a.start);
}

static void simulate(const struct cut_plan *p)
{
	struct cut_walk w;
	const char *wrong;

	cut_walk_begin(&w, p, SIM_STOCK, below);
	if (below(2))
		w.compound = p->l.align / p->mm.page_size;
	wrong = cut_walk_rehearse(&w, p->mm.vmemmap_block == p->mm.map_align &&
					      below(2));
	if (!wrong)
		wrong = cut_walk_steps(&w, below(16));
	if (!wrong)
		wrong = cut_walk_rest(&w, below(2));
	if (!wrong)
		wrong = cut_walk_is_full(&w);
	if (!wrong)
		wrong = cut_walk_clear(&w);
	cut_walk_end(&w);
	if (wrong)
		fprintf(stderr, "%s\n", wrong);
	CHECK(!wrong);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct pma_refusal why = { 0 };
	struct cut_plan p;
	u64 unit, cells;
	int rc;

	take_plan(&p, &unit, data, size);
	rc = pma_cut_plan(&p.l, &p.mm, unit, &p.cut, &why);
	if (rc) {
		CHECK(rc == -EINVAL || rc == -EOPNOTSUPP || rc == -ENOSPC);
		check_refusal(rc, &why);
		return 0;
	}
	check_cut(&p, unit);
	check_runs(&p);
	cells = p.l.size / p.mm.page_size / cut_sim_cell(&p.l, &p.mm);
	if (cells <= SIMULATED_CELLS && p.cut.nr_units <= SIMULATED_UNITS)
		simulate(&p);
	return 0;
}
