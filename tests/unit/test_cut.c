// SPDX-License-Identifier: GPL-2.0-only
/*
 * Known cuts with their numbers, and every refusal. That the maps of a cut do not harm
 * each other is for test_chunks.c to show.
 */
#include "cut_sim.h"
#include "kernel_sim.h"
#include "unit.h"

/* A run of units, and what it has to be */
struct known_run {
	u64 first, last;
	u64 start, size, offset;
	u64 window, window_size;
	u64 reserve, free;
	u64 tail_memmap;
};

/* A namespace as the kernel formats it */
struct known {
	const char *name;
	u64 start, size, align, unit;
	u64 cut_start, nr_units, windows, rehearsal;
	struct known_run runs[3];
};

/* clang-format off */
static const struct known known[] = {
	{ "16 GiB at 8 GiB", 8 * GIB, 16 * GIB, 2 * MIB, GIB,
	  8 * GIB + 256 * MIB, 16, 8 * GIB + 4 * MIB, 8 * GIB + 128 * MIB, {
	  { 0, 0, 8 * GIB + 256 * MIB, 768 * MIB, 512,
	    8 * GIB + 4 * MIB, 12 * MIB,
	    4503599627305984, 18442240474082246144ULL, 0 },
	  { 1, 15, 9 * GIB, 15 * GIB, 0,
	    8 * GIB + 16 * MIB, 240 * MIB,
	    4503599627112448, 18442240474082439168ULL, 0 },
	  { 0, 15, 8 * GIB + 256 * MIB, 16 * GIB - 256 * MIB, 512,
	    8 * GIB + 4 * MIB, 252 * MIB,
	    4503599627305984, 18442240474082246144ULL, 0 } } },
	{ "16 GiB, align 4 KiB", 8 * GIB, 16 * GIB, 4 * KIB, GIB,
	  8 * GIB + 256 * MIB, 16, 8 * GIB + 4 * MIB, 8 * GIB + 128 * MIB, {
	  { 15, 15, 23 * GIB, GIB, 0,
	    8 * GIB + 240 * MIB, 16 * MIB,
	    4503599623499776, 18442240474086051840ULL, 0 } } },
	{ "16 GiB, align 1 GiB", 8 * GIB, 16 * GIB, GIB, 128 * MIB,
	  9 * GIB, 15, 8 * GIB + 392 * MIB, 8 * GIB + 128 * MIB, {
	  { 0, 0, 9 * GIB, GIB, 0,
	    8 * GIB + 392 * MIB, 16 * MIB,
	    4503599627208704, 18442240474082342912ULL, 0 },
	  { 14, 14, 23 * GIB, GIB, 0,
	    8 * GIB + 616 * MIB, 16 * MIB,
	    4503599623596032, 18442240474085955584ULL, 0 } } },
	{ "16 GiB at 8 GiB and 16 MiB", 8 * GIB + 16 * MIB, 16 * GIB, 2 * MIB, GIB,
	  8 * GIB + 256 * MIB, 16, 8 * GIB + 20 * MIB, 8 * GIB + 128 * MIB, {
	  { 0, 0, 8 * GIB + 256 * MIB, 768 * MIB, 4608,
	    8 * GIB + 20 * MIB, 12 * MIB,
	    4503599627310080, 18442240474082246144ULL, 0 },
	  { 14, 15, 22 * GIB, 2 * GIB + 16 * MIB, 0,
	    8 * GIB + 240 * MIB, 32 * MIB,
	    4503599623761920, 18442240474085789696ULL, 256 * KIB } } },
	{ "64 GiB", 8 * GIB, 64 * GIB, 2 * MIB, GIB,
	  9 * GIB, 63, 8 * GIB + 10 * MIB, 8 * GIB + 128 * MIB, {
	  { 0, 0, 9 * GIB, GIB, 512,
	    8 * GIB + 10 * MIB, 16 * MIB,
	    4503599627110912, 18442240474082441216ULL, 0 },
	  { 62, 62, 71 * GIB, GIB, 0,
	    8 * GIB + 1002 * MIB, 16 * MIB,
	    4503599611111936, 18442240474098439680ULL, 0 } } },
	{ "64 GiB, align 4 KiB, in 16 GiB", 8 * GIB, 64 * GIB, 4 * KIB, 16 * GIB,
	  9 * GIB, 5, 8 * GIB + 10 * MIB, 8 * GIB + 128 * MIB, {
	  { 0, 0, 9 * GIB, 7 * GIB, 512,
	    8 * GIB + 10 * MIB, 112 * MIB,
	    4503599627110912, 18442240474082441216ULL, 0 },
	  { 4, 4, 64 * GIB, 8 * GIB, 0,
	    8 * GIB + 890 * MIB, 128 * MIB,
	    4503599612918272, 18442240474096633344ULL, 0 } } },
	{ "64 GiB, align 1 GiB", 8 * GIB, 64 * GIB, GIB, GIB,
	  10 * GIB, 62, 8 * GIB + 528 * MIB, 8 * GIB + 128 * MIB, {
	  { 0, 0, 10 * GIB, GIB, 0,
	    8 * GIB + 528 * MIB, 16 * MIB,
	    4503599626981376, 18442240474082570240ULL, 0 } } },
	{ "64 GiB less 2 MiB", 8 * GIB, 64 * GIB - 2 * MIB, 2 * MIB, GIB,
	  9 * GIB, 63, 8 * GIB + 10 * MIB, 8 * GIB + 128 * MIB, {
	  { 62, 62, 71 * GIB, GIB - 2 * MIB, 0,
	    8 * GIB + 1002 * MIB, 14 * MIB,
	    4503599611111936, 18442240474098439680ULL, 2 * MIB - 32 * KIB } } },
	{ "64 GiB and 2 MiB", 8 * GIB, 64 * GIB + 2 * MIB, 2 * MIB, GIB,
	  9 * GIB, 63, 8 * GIB + 10 * MIB, 8 * GIB + 128 * MIB, {
	  { 62, 62, 71 * GIB, GIB + 2 * MIB, 0,
	    8 * GIB + 1002 * MIB, 16 * MIB,
	    4503599611111936, 18442240474098439680ULL, 32 * KIB } } },
	{ "1 TiB at 4 GiB", 4 * GIB, TIB, 2 * MIB, GIB,
	  20 * GIB, 1008, 4 * GIB + 130 * MIB, 4 * GIB + 128 * MIB, {
	  { 0, 0, 20 * GIB, GIB, 512,
	    4 * GIB + 130 * MIB, 16 * MIB,
	    4503599623209472, 18442240474086342656ULL, 0 },
	  { 500, 1007, 520 * GIB, 508 * GIB, 0,
	    4 * GIB + 8130 * MIB, 8128 * MIB,
	    4503599494185472, 18442240474215366144ULL, 0 } } },
	{ "1 TiB, align 4 KiB", 4 * GIB, TIB, 4 * KIB, GIB,
	  20 * GIB, 1008, 4 * GIB + 130 * MIB, 4 * GIB + 128 * MIB, {
	  { 1007, 1007, 1027 * GIB, GIB, 0,
	    4 * GIB + 16242 * MIB, 16 * MIB,
	    4503599363355136, 18442240474346196480ULL, 0 } } },
	{ "1 TiB, align 1 GiB", 4 * GIB, TIB, GIB, GIB,
	  21 * GIB, 1007, 4 * GIB + 648 * MIB, 4 * GIB + 128 * MIB, {
	  { 1006, 1006, 1027 * GIB, GIB, 0,
	    4 * GIB + 16744 * MIB, 16 * MIB,
	    4503599363483648, 18442240474346067968ULL, 0 } } },
};
/* clang-format on */

static void format(u64 start, u64 size, u64 align, struct pma_plan *l)
{
	struct pma_refusal why = { 0 };
	struct pma_infoblock ib;
	int rc;

	assert_true(sim_pfn_init(&ib, start, size, align, 64, &sim_x86));
	rc = pma_plan_infoblock(&ib, start, size, &sim_x86, l, &why);
	assert_accepted(rc, &why);
}

static void check_run(const struct pma_cut *cut, const struct known_run *want)
{
	struct pma_refusal why = { 0 };
	struct pma_run run;
	int rc;

	rc = pma_cut_run(cut, want->first, want->last, &run, &why);
	assert_accepted(rc, &why);
	assert_int_equal(run.start, want->start);
	assert_int_equal(run.size, want->size);
	assert_int_equal(run.offset, want->offset);
	assert_int_equal(run.window, want->window);
	assert_int_equal(run.window_size, want->window_size);
	assert_int_equal(run.reserve, want->reserve);
	assert_int_equal(run.free, want->free);
	assert_int_equal(run.tail_memmap, want->tail_memmap);

	assert_int_equal(run.base_pfn, want->start / 4096);
	assert_int_equal(run.end_pfn, (want->start + want->size) / 4096 - 1);
	assert_int_equal(run.data_start, want->start + want->offset * 4096);
	assert_int_equal(run.data_size, want->size - want->offset * 4096);
	assert_int_equal(run.need * 4096, want->window_size);
	assert_int_equal(run.last_whole_pfn - run.base_pfn + 1,
			 want->window_size / 64);
	assert_int_equal(run.window_last,
			 want->window + want->window_size - 64);
}

static void is_known(void **state)
{
	const struct known *k = *state;
	struct pma_refusal why = { 0 };
	struct pma_plan l;
	struct pma_cut cut;
	struct pma_run run;
	u64 unit;
	size_t i;

	format(k->start, k->size, k->align, &l);
	assert_accepted(pma_cut_plan(&l, &sim_x86, k->unit, &cut, &why), &why);
	assert_int_equal(cut.start, k->cut_start);
	assert_int_equal(cut.nr_units, k->nr_units);
	assert_int_equal(cut.windows, k->windows);
	assert_int_equal(cut.rehearsal, k->rehearsal);
	for (i = 0; i < ARRAY_SIZE(k->runs) && k->runs[i].size; i++)
		check_run(&cut, &k->runs[i]);

	/* From a byte to its unit and back */
	for (unit = 0; unit < cut.nr_units; unit++) {
		u64 offset;

		assert_accepted(pma_cut_run(&cut, unit, unit, &run, &why),
				&why);
		offset = run.data_start - l.data_start;
		assert_int_equal(pma_cut_unit(&cut, offset), unit);
		offset += run.data_size - 1;
		assert_int_equal(pma_cut_unit(&cut, offset), unit);
	}
	assert_int_equal(pma_cut_unit(&cut, l.data_size), k->nr_units - 1);
	assert_int_equal(pma_cut_unit(&cut, ~0ULL), k->nr_units - 1);
}

static void is_rehearsed(void **state)
{
	struct pma_refusal why = { 0 };
	struct pma_plan l;
	struct pma_cut cut;
	struct pma_run run;

	(void)state;
	format(8 * GIB, 16 * GIB, 2 * MIB, &l);
	assert_accepted(pma_cut_plan(&l, &sim_x86, GIB, &cut, &why), &why);
	pma_cut_rehearsal(&cut, &run);
	assert_int_equal(run.start, 8 * GIB + 128 * MIB);
	assert_int_equal(run.size, 128 * MIB);
	assert_int_equal(run.data_start, run.start);
	assert_int_equal(run.offset, 0);
	assert_int_equal(run.window, 8 * GIB + 126 * MIB);
	assert_int_equal(run.need, 512);
	assert_int_equal(run.reserve, (1ULL << 52) - 512);
	assert_int_equal(run.free, 512 - (1ULL << 52));
	assert_int_equal(run.window_last, 8 * GIB + 128 * MIB - 64);
	assert_int_equal(run.tail_memmap, 0);
}

/* Wherever it begins: with the numbers of ndctl and of the kernel */
static void from_16_gib_on(void **state)
{
	static const u64 aligns[] = { 4 * KIB, 2 * MIB, GIB };
	struct pma_refusal why = { 0 };
	struct pma_plan l;
	struct pma_cut cut;
	u64 start, size;
	size_t i;

	(void)state;
	for (start = 4 * GIB; start <= 5 * GIB; start += 2 * MIB) {
		for (size = 16 * GIB; size <= 16 * TIB; size *= 4) {
			for (i = 0; i < ARRAY_SIZE(aligns); i++) {
				format(start, size, aligns[i], &l);
				assert_accepted(pma_cut_plan(&l, &sim_x86, GIB,
							     &cut, &why),
						&why);
			}
		}
	}
}

/* A plan of 64 GiB, with something wrong */
struct refused {
	const char *name;
	int error;
	const char *says[4];
	u64 unit;
	u64 struct_page_size;
	struct pma_plan l;
};

#define PLAN(start_, size_, head_, align_)       \
	.l = { .start = (start_),                \
	       .size = (size_),                  \
	       .align = (align_),                \
	       .page_size = 4096,                \
	       .reserve = 2,                     \
	       .free = (head_) / 4096 - 2,       \
	       .data_start = (start_) + (head_), \
	       .data_size = (size_) - (head_) }
#define WHOLE PLAN(8 * GIB, 64 * GIB, 1026 * MIB, 2 * MIB)

/* clang-format off */
static const struct refused refused[] = {
	{ "nothing is wrong", 0, {}, GIB, 64, WHOLE },
	{ "unit 0", -EINVAL, { " 0 bytes" }, 0, 64, WHOLE },
	{ "unit 3 GiB", -EINVAL, { "3221225472" }, 3 * GIB, 64, WHOLE },
	{ "size 0", -EINVAL, { " 0 bytes", "0x200000000" }, GIB, 64,
	  PLAN(8 * GIB, 0, 1026 * MIB, 2 * MIB) },
	{ "start + size wraps", -EINVAL, { "0xffffffffffe00000" }, GIB, 64,
	  PLAN(-2 * MIB, 64 * GIB, 1026 * MIB, 2 * MIB) },
	{ "beyond 2^52", -EINVAL, { "0xffff000200000" }, GIB, 64,
	  PLAN((1ULL << 52) - 64 * GIB + 2 * MIB, 64 * GIB, 1026 * MIB, 2 * MIB) },
	{ "size 2^63", -EINVAL, { "9223372036854775808" }, GIB, 64,
	  PLAN(8 * GIB, 1ULL << 63, 1026 * MIB, 2 * MIB) },
	{ "start not on 2 MiB", -EINVAL, { "0x200001000", "2097152" }, GIB, 64,
	  PLAN(8 * GIB + 4096, 64 * GIB, 1026 * MIB, 4096) },
	{ "no head", -EINVAL, { "0x200000000" }, GIB, 64,
	  PLAN(8 * GIB, 64 * GIB, 0, 2 * MIB) },
	{ "no data", -EINVAL, { " 0 bytes", "0x1200000000" }, GIB, 64,
	  PLAN(8 * GIB, 64 * GIB, 64 * GIB, 2 * MIB) },
	{ "data behind the end", -EINVAL, { "0x1200200000" }, GIB, 64,
	  PLAN(8 * GIB, 64 * GIB, 64 * GIB + 2 * MIB, 2 * MIB) },
	{ "data of another size", -EINVAL, { "67641540608 bytes" }, GIB, 64,
	  .l = { .start = 8 * GIB, .size = 64 * GIB, .align = 2 * MIB, .page_size = 4096,
		 .reserve = 2, .free = 262654,
		 .data_start = 9 * GIB + 2 * MIB, .data_size = 63 * GIB - 4 * MIB } },
	{ "align 0", -EINVAL, { "align 0," }, GIB, 64,
	  PLAN(8 * GIB, 64 * GIB, 1026 * MIB, 0) },
	{ "align 1", -EINVAL, { "align 0x1," }, GIB, 64,
	  PLAN(8 * GIB, 64 * GIB, 1026 * MIB, 1) },
	{ "align 3 MiB, whose bits fit", -EINVAL, { "0x300000" }, GIB, 64,
	  PLAN(8 * GIB, 64 * GIB, GIB, 3 * MIB) },
	{ "data not on align", -EINVAL, { "0x40000000", "0x240200000" }, GIB, 64,
	  PLAN(8 * GIB, 64 * GIB, 1026 * MIB, GIB) },
	{ "pages of 64 KiB", -EINVAL, { "65536", "4096" }, GIB, 64,
	  .l = { .start = 8 * GIB, .size = 64 * GIB, .align = 2 * MIB, .page_size = 65536,
		 .reserve = 2, .free = 262654,
		 .data_start = 9 * GIB + 2 * MIB, .data_size = 63 * GIB - 2 * MIB } },
	{ "reserve 2^64 - 1", -EINVAL, { "18446744073709551615", "262656" }, GIB, 64,
	  .l = { .start = 8 * GIB, .size = 64 * GIB, .align = 2 * MIB, .page_size = 4096,
		 .reserve = ~0ULL, .free = 262657,
		 .data_start = 9 * GIB + 2 * MIB, .data_size = 63 * GIB - 2 * MIB } },
	{ "free is one less", -EINVAL, { "262653", "262656" }, GIB, 64,
	  .l = { .start = 8 * GIB, .size = 64 * GIB, .align = 2 * MIB, .page_size = 4096,
		 .reserve = 2, .free = 262653,
		 .data_start = 9 * GIB + 2 * MIB, .data_size = 63 * GIB - 2 * MIB } },
	{ "struct page 56", -EOPNOTSUPP, { "1835008", "2097152", "one map" }, GIB, 56, WHOLE },
	{ "struct page 80", -EOPNOTSUPP, { "2621440", "one map" }, GIB, 80, WHOLE },
	{ "one unit", -EOPNOTSUPP, { "has 1 units of 137438953472", "one map" },
	  128 * GIB, 64, WHOLE },
	{ "a unit of 2^63", -EOPNOTSUPP, { "9223372036854775808" }, 1ULL << 63, 64, WHOLE },
	{ "no whole section of data", -EOPNOTSUPP, { "has 0 units", "one map" }, GIB, 64,
	  PLAN(8 * GIB, GIB + 126 * MIB, GIB, 2 * MIB) },
	{ "8 GiB", -EOPNOTSUPP, { "head of 136314880", "134217728", "one map" }, GIB, 64,
	  PLAN(8 * GIB, 8 * GIB, 130 * MIB, 2 * MIB) },
	{ "data begins in the first section", -EOPNOTSUPP, { "head of 67108864" }, GIB, 64,
	  PLAN(8 * GIB, 4 * GIB, 64 * MIB, 2 * MIB) },
	{ "data begins in the part of a section", -EOPNOTSUPP, { "head of 33554432" }, GIB, 64,
	  PLAN(8 * GIB + 64 * MIB, 4 * GIB, 32 * MIB, 2 * MIB) },
	{ "a section of the head, all mapped", -EOPNOTSUPP, { "head of 268435456" }, GIB, 64,
	  PLAN(8 * GIB + 126 * MIB, 15 * GIB + 2 * MIB, 256 * MIB, 2 * MIB) },
	{ "just enough room for the windows", 0, {}, GIB, 64,
	  PLAN(8 * GIB, GIB + 511 * 128 * MIB, GIB, 2 * MIB) },
	{ "a window too few", -ENOSPC, { "511 sections", "has 512" }, GIB, 64,
	  PLAN(8 * GIB, GIB + 512 * 128 * MIB, GIB, 2 * MIB) },
	{ "no room for the windows", -ENOSPC, { "127 sections", "has 510", "one map" }, GIB, 64,
	  PLAN(8 * GIB, 64 * GIB, 256 * MIB, 2 * MIB) },
};
/* clang-format on */

static void is_refused(void **state)
{
	struct pma_memory_model mm = sim_x86;
	const struct refused *r = *state;
	struct pma_refusal why = { 0 };
	struct pma_cut cut;
	int rc;

	mm.struct_page_size = r->struct_page_size;
	rc = pma_cut_plan(&r->l, &mm, r->unit, &cut, &why);
	if (r->error)
		assert_refused(rc, &why, r->error, r->says,
			       ARRAY_SIZE(r->says));
	else
		assert_accepted(rc, &why);
}

static void no_such_run(void **state)
{
	static const u64 runs[][2] = { { 1, 0 },     { 63, 63 },
				       { 0, 63 },    { ~0ULL, ~0ULL },
				       { 0, ~0ULL }, { ~0ULL, 0 } };
	const char *says[] = { "of the 63 there are" };
	struct pma_plan l;
	struct pma_cut cut;
	struct pma_run run;
	size_t i;

	(void)state;
	format(8 * GIB, 64 * GIB, 2 * MIB, &l);
	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		struct pma_refusal why = { 0 };
		int rc;

		assert_accepted(pma_cut_plan(&l, &sim_x86, GIB, &cut, &why),
				&why);
		rc = pma_cut_run(&cut, runs[i][0], runs[i][1], &run, &why);
		assert_refused(rc, &why, -EINVAL, says, 1);
		assert_int_equal(run.size, 0);
	}
}

static void is_checked(void **state)
{
	static const struct {
		struct pma_run_seen seen;
		const char *says[4];
	} wrong[] = {
		{ { 3584, 0, 8 * GIB + 4 * MIB, 8 * GIB + 16 * MIB - 64 },
		  { "3584 pages", "0x210000000", "not 3072" } },
		{ { 3072, 1, 8 * GIB + 4 * MIB, 8 * GIB + 16 * MIB - 64 },
		  { "lost 1 to" } },
		{ { 3072, 0, 8 * GIB + 6 * MIB, 8 * GIB + 16 * MIB - 64 },
		  { "0x200600000", "0x200400000" } },
		{ { 3072, 0, 8 * GIB + 4 * MIB, 8 * GIB + 18 * MIB - 64 },
		  { "0x2011fffc0", "0x200ffffc0" } },
	};
	struct pma_run_seen right = { 3072, 0, 8 * GIB + 4 * MIB,
				      8 * GIB + 16 * MIB - 64 };
	struct pma_refusal why = { 0 };
	struct pma_plan l;
	struct pma_cut cut;
	struct pma_run run;
	size_t i;
	int rc;

	(void)state;
	format(8 * GIB, 16 * GIB, 2 * MIB, &l);
	assert_accepted(pma_cut_plan(&l, &sim_x86, GIB, &cut, &why), &why);
	assert_accepted(pma_cut_run(&cut, 0, 0, &run, &why), &why);
	assert_accepted(pma_run_check(&run, &right, &why), &why);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		rc = pma_run_check(&run, &wrong[i].seen, &why);
		assert_refused(rc, &why, -EIO, wrong[i].says, 4);
	}
}

#define TEST(name, f, of) \
	((struct CMUnitTest){ name, f, NULL, NULL, (void *)(of) })

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(known) + ARRAY_SIZE(refused) + 4];
	size_t n = 0, i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		tests[n++] = TEST(known[i].name, is_known, &known[i]);
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		tests[n++] = TEST(refused[i].name, is_refused, &refused[i]);
	tests[n++] = TEST("a rehearsal", is_rehearsed, NULL);
	tests[n++] = TEST("from 16 GiB on", from_16_gib_on, NULL);
	tests[n++] = TEST("no such run", no_such_run, NULL);
	tests[n++] = TEST("what the kernel did", is_checked, NULL);
	return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}
