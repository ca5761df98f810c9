// SPDX-License-Identifier: GPL-2.0-only
/*
 * Known cases with their numbers, and every refusal. That accepted layouts in
 * general agree with the kernel is for test_vmemmap.c to show.
 */
#include "kernel_sim.h"
#include "unit.h"

/* A namespace as the kernel formats it, and the whole plan that it yields */
struct accepted {
	const char *name;
	u64 start, size, align;
	u64 dataoff, end_trunc, data_size;
	u64 free, need, pad, head_pages, tail_pages;
};

/* clang-format off */
static const struct accepted accepted[] = {
	{ "8 GiB at 8 GiB", 8 * GIB, 8 * GIB, 2 * MIB,
	  136314880, 0, 8453619712, 33278, 32768, 510, 0, 0 },
	{ "8 GiB less 2 MiB", 8 * GIB, 8 * GIB - 2 * MIB, 2 * MIB,
	  134217728, 0, 8453619712, 32766, 32256, 510, 0, 32256 },
	{ "4 MiB, the smallest", 8 * GIB, 4 * MIB, 2 * MIB,
	  2097152, 0, 2097152, 510, 0, 0, 0, 1024 },
	{ "one section less 2 MiB", 8 * GIB, 126 * MIB, 2 * MIB,
	  2097152, 0, 130023424, 510, 0, 0, 0, 32256 },
	{ "one section", 8 * GIB, 128 * MIB, 2 * MIB,
	  4194304, 0, 130023424, 1022, 512, 510, 0, 0 },
	{ "inside one section", 4 * GIB + 16 * MIB, 96 * MIB, 2 * MIB,
	  2097152, 0, 98566144, 510, 0, 0, 24576, 0 },
	{ "up to the end of a section", 4 * GIB + 32 * MIB, 96 * MIB, 2 * MIB,
	  2097152, 0, 98566144, 510, 0, 0, 24576, 0 },
	{ "across one boundary", 8 * GIB + 64 * MIB, 128 * MIB, 2 * MIB,
	  4194304, 0, 130023424, 1022, 0, 0, 16384, 16384 },
	{ "one whole section between parts", 8 * GIB + 64 * MIB, 256 * MIB, 2 * MIB,
	  6291456, 0, 262144000, 1534, 512, 510, 16384, 16384 },
	{ "start behind a section's", 8 * GIB + 2 * MIB, 8 * GIB, 2 * MIB,
	  136314880, 0, 8453619712, 33278, 32256, 510, 32256, 512 },
	{ "sections' end reached from a part", 9 * GIB + 16 * MIB, 1008 * MIB, 2 * MIB,
	  16777216, 0, 1040187392, 4094, 3584, 510, 28672, 0 },
	{ "end truncated by 12 KiB", 8 * GIB, 8 * GIB + 12 * KIB, 2 * MIB,
	  136314880, 12288, 8453619712, 33278, 32768, 510, 0, 0 },
	{ "align 4 KiB", 8 * GIB, 8 * GIB, 4 * KIB,
	  136314880, 0, 8453619712, 33278, 32768, 510, 0, 0 },
	{ "align 1 GiB", 8 * GIB, 8 * GIB, GIB,
	  1073741824, 0, 7516192768, 262142, 32768, 510, 0, 0 },
	{ "align 1 GiB, start not", 8 * GIB + 2 * MIB, 8 * GIB, GIB,
	  1071644672, 2097152, 7516192768, 261630, 32256, 510, 32256, 0 },
	{ "align 1 GiB, end not", 8 * GIB, 8 * GIB - 2 * MIB, GIB,
	  1073741824, 1071644672, 6442450944, 262142, 28672, 510, 0, 0 },
	{ "1 TiB at 4 GiB", 4 * GIB, TIB, 2 * MIB,
	  17181966336, 0, 1082329661440, 4194814, 4194304, 510, 0, 0 },
	{ "6 TiB, no end on a section", TIB + 126 * MIB, 6 * TIB, 2 * MIB,
	  103081312256, 0, 6493988454400, 25166334, 25165312, 510, 512, 32256 },
	{ "64 TiB at 64 TiB", 64 * TIB, 64 * TIB, 2 * MIB,
	  1099513724928, 0, 69269230452736, 268435966, 268435456, 510, 0, 0 },
};
/* clang-format on */

static void check_plan(const struct accepted *a, const struct pma_plan *l)
{
	u64 size = a->size - a->end_trunc;

	assert_int_equal(l->start, a->start);
	assert_int_equal(l->size, size);
	assert_int_equal(l->align, a->align);
	assert_int_equal(l->page_size, 4096);
	assert_int_equal(l->base_pfn, a->start / 4096);
	assert_int_equal(l->end_pfn, (a->start + size) / 4096 - 1);
	assert_int_equal(l->reserve, 2);
	assert_int_equal(l->free, a->free);
	assert_int_equal(l->data_start, a->start + a->dataoff);
	assert_int_equal(l->data_size, a->data_size);
	assert_int_equal(l->need, a->need);
	assert_int_equal(l->pad, a->pad);
	assert_int_equal(l->full_memmap, a->need * 4096);
	if (a->need)
		assert_int_equal(l->memmap_start,
				 a->start + (2 + a->pad) * 4096);
	assert_int_equal(l->head_pages, a->head_pages);
	assert_int_equal(l->tail_pages, a->tail_pages);
}

static void is_accepted(void **state)
{
	const struct accepted *a = *state;
	struct pma_refusal why = { 0 };
	struct pma_infoblock ib;
	struct pma_plan l;
	int rc;

	assert_true(
		sim_pfn_init(&ib, a->start, a->size, a->align, 64, &sim_x86));
	assert_int_equal(ib.dataoff, a->dataoff);
	assert_int_equal(ib.end_trunc, a->end_trunc);
	assert_int_equal(ib.npfns, a->data_size / 4096);

	memset(&l, 0x5a, sizeof(l));
	rc = pma_plan_infoblock(&ib, a->start, a->size, &sim_x86, &l, &why);
	assert_accepted(rc, &why);
	check_plan(a, &l);
	assert_null(sim_disagrees(&l, &sim_x86));
	assert_null(sim_requested(&l, &sim_x86));
}

/* What a plan is made from; starts as "8 GiB at 8 GiB", which fits exactly */
struct input {
	struct pma_infoblock ib;
	u64 start, size;
	struct pma_memory_model mm;
};

struct change {
	size_t offset, bytes;
	u64 value;
};

#define IN(field, value)                                          \
	{                                                         \
		offsetof(struct input, field),                    \
			sizeof(((struct input *)0)->field), value \
	}

#define CHANGES 8

struct changed {
	const char *name;
	int error;
	const char *says[3];
	struct change in[CHANGES];
};

/* clang-format off */
static const struct changed changed[] = {
	/* sizeof(struct page) and the page size */
	{ "struct page 56", 0, {}, { IN(mm.struct_page_size, 56) } },
	{ "struct page 80, made for 64", -EOPNOTSUPP, { " 64 ", " 80:" },
	  { IN(mm.struct_page_size, 80) } },
	{ "struct page 128, made for 64", -EOPNOTSUPP, { " 64 ", " 128:" },
	  { IN(mm.struct_page_size, 128) } },
	{ "struct page 65, made for 64", -EOPNOTSUPP, { " 64 ", " 65:" },
	  { IN(mm.struct_page_size, 65) } },
	{ "struct page 128, made for it", 0, {},
	  { IN(mm.struct_page_size, 128), IN(ib.page_struct_size, 128),
	    IN(ib.dataoff, 258 * MIB), IN(ib.npfns, 2031104) } },
	{ "struct page 80, made for 128", 0, {},
	  { IN(mm.struct_page_size, 80), IN(ib.page_struct_size, 128),
	    IN(ib.dataoff, 258 * MIB), IN(ib.npfns, 2031104) } },
	{ "struct page 128, room for 64 only", -ENOSPC, { "33278", "65536", "510" },
	  { IN(mm.struct_page_size, 128), IN(ib.page_struct_size, 128) } },
	{ "pages of 64 KiB", -EOPNOTSUPP, { " 65536 ", " 4096:" },
	  { IN(ib.page_size, 65536) } },
	{ "pages of 0", -EOPNOTSUPP, { " 0 ", " 4096:" }, { IN(ib.page_size, 0) } },
	{ "minor 3 names no page size", 0, {},
	  { IN(ib.minor, 3), IN(ib.page_size, 0) } },

	/* the range */
	{ "size 0", -ERANGE, { " 0 bytes", "0x200000000" }, { IN(size, 0) } },
	{ "end at 2^52", 0, {},
	  { IN(start, (1ULL << 52) - 8 * GIB) } },
	{ "end beyond 2^52", -ERANGE, { "0x10000000000000", "8589934592" },
	  { IN(start, (1ULL << 52) - 8 * GIB + 2 * MIB) } },
	{ "size beyond 2^52", -ERANGE, { "4503599629467648", " at 0 ", "ndctl" },
	  { IN(start, 0), IN(size, (1ULL << 52) + 2 * MIB) } },
	{ "size 2^64 - 1", -ERANGE, { "18446744073709551615" },
	  { IN(start, 0), IN(size, ~0ULL) } },
	{ "start + size wraps", -ERANGE, { "0xfffffffffffff000" },
	  { IN(start, ~0ULL << 12) } },
	{ "start + size is 2^64", -ERANGE, { "0xfffffffe00000000" },
	  { IN(start, -8 * GIB) } },
	{ "pads take all but 2 bytes", -EINVAL, { "0x2ffffffff", "0x2" },
	  { IN(ib.start_pad, 0xffffffff), IN(ib.end_trunc, 0xffffffff) } },
	{ "pads take more than all", -ERANGE, { "4294967295", "8587837440" },
	  { IN(ib.start_pad, 0xffffffff), IN(ib.end_trunc, 0xffffffff),
	    IN(size, 8 * GIB - 2 * MIB) } },
	{ "pads take all", -ERANGE, { "2147483648", "4294967296" },
	  { IN(ib.start_pad, 2 * GIB), IN(ib.end_trunc, 2 * GIB),
	    IN(size, 4 * GIB) } },
	{ "pads sum up to 8 GiB less 4 MiB", 0, {},
	  { IN(ib.start_pad, 4 * GIB - 2 * MIB),
	    IN(ib.end_trunc, 4 * GIB - 2 * MIB),
	    IN(ib.dataoff, 2 * MIB), IN(ib.npfns, 512) } },
	{ "start not on 2 MiB", -EINVAL, { "0x200100000", "2097152" },
	  { IN(start, 8 * GIB + MIB) } },
	{ "start_pad not on 2 MiB", -EINVAL, { "0x200001000", "2097152" },
	  { IN(ib.start_pad, 4096), IN(ib.end_trunc, 2 * MIB - 4096) } },
	{ "start_pad mends the start", 0, {},
	  { IN(start, 8 * GIB + MIB), IN(ib.start_pad, MIB),
	    IN(size, 8 * GIB + MIB) } },
	{ "size not on 2 MiB", -EINVAL, { "0x200001000", "2097152" },
	  { IN(size, 8 * GIB + 4096) } },

	/* dataoff and npfns */
	{ "dataoff 0", -ERANGE, { "dataoff 0 ", "0x2000 " }, { IN(ib.dataoff, 0) } },
	{ "dataoff within the reserve", -ERANGE, { "0x1000 ", "0x2000 " },
	  { IN(ib.dataoff, 4096), IN(ib.align, 4096) } },
	{ "dataoff at the reserve's end, no whole section", 0, {},
	  { IN(ib.dataoff, 8192), IN(ib.align, 4096),
	    IN(size, 126 * MIB), IN(ib.npfns, 32254) } },
	{ "dataoff at the reserve's end", -ENOSPC, { " 0 free", "32768", "510" },
	  { IN(ib.dataoff, 8192), IN(ib.align, 4096) } },
	{ "dataoff is the size", -ERANGE, { "0x200000000" },
	  { IN(ib.dataoff, 8 * GIB) } },
	{ "dataoff leaves one page", 0, {},
	  { IN(ib.dataoff, 8 * GIB - 4096), IN(ib.align, 4096), IN(ib.npfns, 1) } },
	{ "dataoff within a page", -ERANGE, { "0x8200200" },
	  { IN(ib.dataoff, 130 * MIB + 512), IN(ib.align, 512) } },
	{ "dataoff near 2^64", -ERANGE, { "0xfffffffffffff000" },
	  { IN(ib.dataoff, ~0ULL << 12) } },
	{ "dataoff 2^64 - 1", -ERANGE, { "0xffffffffffffffff" },
	  { IN(ib.dataoff, ~0ULL) } },
	{ "npfns 0", -ERANGE, { " 0 data", "2063872" }, { IN(ib.npfns, 0) } },
	{ "npfns less than there are", 0, {}, { IN(ib.npfns, 1) } },
	{ "npfns one too many", -ERANGE, { "2063873", "2063872:" },
	  { IN(ib.npfns, 2063873) } },
	{ "npfns 2^64 - 1", -ERANGE, { "18446744073709551615", "2063872" },
	  { IN(ib.npfns, ~0ULL) } },
	{ "npfns whose bytes wrap", -ERANGE, { "4503599627370497" },
	  { IN(ib.npfns, (1ULL << 52) + 1) } },

	/* align */
	{ "align not a power of two", -EOPNOTSUPP, { " 3145728 ", "0x40201000" },
	  { IN(ib.align, 3 * MIB) } },
	{ "align of two possible sizes", -EOPNOTSUPP, { " 2101248 " },
	  { IN(ib.align, 2 * MIB + 4096) } },
	{ "align 128 MiB", -EOPNOTSUPP, { " 134217728 " },
	  { IN(ib.align, 128 * MIB), IN(ib.dataoff, 256 * MIB), IN(ib.npfns, 1) } },
	{ "align 1 GiB without 1 GiB pages", -EOPNOTSUPP, { "1073741824", "0x201000" },
	  { IN(ib.align, GIB), IN(ib.dataoff, GIB), IN(ib.npfns, 1),
	    IN(mm.aligns, 2 * MIB | 4 * KIB) } },
	{ "align is the bit of dataoff, 128 MiB", -EOPNOTSUPP, { " 134217728 " },
	  { IN(ib.align, 0) } },
	{ "align is the bit of dataoff, 1 GiB", 0, {},
	  { IN(ib.minor, 1), IN(ib.align, 0), IN(ib.dataoff, GIB),
	    IN(ib.npfns, 1835008) } },
	{ "align is the bit of dataoff, 1 GiB, data not on it", -EINVAL,
	  { "0x260000000", "0x40000000" },
	  { IN(ib.minor, 1), IN(ib.align, 0), IN(ib.dataoff, GIB + 512 * MIB),
	    IN(ib.npfns, 1) } },
	{ "data not on 2 MiB", -EINVAL, { "0x208300000", "0x200000:" },
	  { IN(ib.dataoff, 131 * MIB), IN(ib.npfns, 1) } },
	{ "data not on 1 GiB", -EINVAL, { "0x208200000", "0x40000000:" },
	  { IN(ib.align, GIB) } },
	{ "data's start not on 1 GiB", -EINVAL, { "0x260000000", "0x40000000:" },
	  { IN(ib.align, GIB), IN(ib.dataoff, GIB), IN(ib.npfns, 1),
	    IN(start, 8 * GIB + 512 * MIB) } },
	{ "data's end not on 1 GiB", -EINVAL, { "0x1bfe00000", "0x40000000:" },
	  { IN(ib.align, GIB), IN(ib.dataoff, GIB), IN(ib.npfns, 1),
	    IN(size, 8 * GIB - 2 * MIB) } },

	/* room */
	{ "exactly enough", 0, {}, { IN(ib.align, 4096) } },
	{ "one page too little", -ENOSPC, { "33277 free", "takes 32768", "510" },
	  { IN(ib.dataoff, 130 * MIB - 4096), IN(ib.align, 4096) } },
	{ "one block too little", -ENOSPC, { "32766", "32768", "510" },
	  { IN(ib.dataoff, 128 * MIB) } },
	{ "exactly enough for one section", 0, {},
	  { IN(size, 128 * MIB), IN(ib.dataoff, 4 * MIB), IN(ib.npfns, 1) } },
	{ "one page too little for one section", -ENOSPC, { "1021", "512", "510" },
	  { IN(size, 128 * MIB), IN(ib.dataoff, 4 * MIB - 4096),
	    IN(ib.align, 4096), IN(ib.npfns, 1) } },
	{ "less pad behind an odd start", 0, {},
	  { IN(mm.map_align, MIB), IN(start, 8 * GIB + MIB), IN(ib.align, 4096) } },
	{ "a block shared with the section before", -EOPNOTSUPP, { "80", "share a block of 2097152" },
	  { IN(start, 8 * GIB + 128 * MIB), IN(mm.struct_page_size, 80),
	    IN(ib.page_struct_size, 80), IN(ib.dataoff, 162 * MIB),
	    IN(ib.npfns, 1) } },
};
/* clang-format on */

static void apply(struct input *in, const struct change *c)
{
	char *field = (char *)in + c->offset;

	switch (c->bytes) {
	case 2:
		*(u16 *)field = c->value;
		break;
	case 4:
		*(u32 *)field = c->value;
		break;
	case 8:
		*(u64 *)field = c->value;
		break;
	}
}

static void is_planned(void **state)
{
	const struct changed *c = *state;
	struct input in = { .start = 8 * GIB, .size = 8 * GIB, .mm = sim_x86 };
	struct pma_refusal why = { 0 };
	struct pma_plan l;
	int i, rc;

	assert_true(
		sim_pfn_init(&in.ib, in.start, in.size, 2 * MIB, 64, &in.mm));
	for (i = 0; i < CHANGES; i++)
		apply(&in, &c->in[i]);

	rc = pma_plan_infoblock(&in.ib, in.start, in.size, &in.mm, &l, &why);
	if (c->error) {
		assert_refused(rc, &why, c->error, c->says,
			       ARRAY_SIZE(c->says));
	} else {
		assert_accepted(rc, &why);
		assert_null(sim_disagrees(&l, &in.mm));
	}
}

/* An old block with padding at both ends; its align is dataoff's highest bit */
static void padded_range(void **state)
{
	const struct pma_infoblock ib = {
		.major = 1,
		.minor = 1,
		.dataoff = 2 * MIB,
		.npfns = 24064,
		.start_pad = 112 * MIB,
		.end_trunc = 32 * MIB,
		.page_struct_size = 64,
	};
	struct pma_refusal why = { 0 };
	struct pma_plan l;

	(void)state;
	assert_accepted(pma_plan_infoblock(&ib, 8 * GIB + 16 * MIB, 240 * MIB,
					   &sim_x86, &l, &why),
			&why);
	assert_int_equal(l.start, 8 * GIB + 128 * MIB);
	assert_int_equal(l.size, 96 * MIB);
	assert_int_equal(l.align, 2 * MIB);
	assert_int_equal(l.base_pfn, 0x208000);
	assert_int_equal(l.end_pfn, 0x20dfff);
	assert_int_equal(l.data_start, 8 * GIB + 130 * MIB);
	assert_int_equal(l.data_size, 94 * MIB);
	assert_int_equal(l.head_pages, 0);
	assert_int_equal(l.tail_pages, 24576);
}

/* The guest tests measure these 2064384 bytes in DRAM: 504 pages */
static void dram_of_a_partial_section(void **state)
{
	struct pma_refusal why = { 0 };
	struct pma_infoblock ib;
	struct sim_result sim;
	struct pma_plan l;
	u64 size = 8 * GIB - 2 * MIB;

	(void)state;
	assert_true(sim_pfn_init(&ib, 8 * GIB, size, 2 * MIB, 64, &sim_x86));
	assert_accepted(pma_plan_infoblock(&ib, 8 * GIB, size, &sim_x86, &l,
					   &why),
			&why);
	sim_add_pages(l.base_pfn, size / 4096, l.reserve, l.free, &sim_x86,
		      &sim);
	assert_int_equal(l.tail_pages * 64, 2064384);
	assert_int_equal(sim.part_dram, 2064384);
	assert_int_equal(sim.alloc, 32256);
	assert_int_equal(sim.align, 510);
}

/* Tables of 512 entries: for each GiB one, and a few at the ends */
static void dram_besides_the_memmap(void **state)
{
	const struct {
		u64 size, least, most;
	} cases[] = {
		{ 128 * MIB, 4 * KIB, 64 * KIB },
		{ 8 * GIB, 8 * 4 * KIB, 128 * KIB },
		{ TIB, 1024 * 4 * KIB + 8192 * 64, 7 * MIB },
		{ 64 * TIB, 64 * (4 * MIB + 8192 * 64), 64 * 7 * MIB },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct pma_plan l = { .size = cases[i].size };
		u64 bytes = pma_plan_dram(&l, &sim_x86);

		assert_true(bytes >= cases[i].least);
		assert_true(bytes <= cases[i].most);
	}
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(padded_range),
		cmocka_unit_test(dram_of_a_partial_section),
		cmocka_unit_test(dram_besides_the_memmap),
	};
	struct CMUnitTest tests[ARRAY_SIZE(plain) + ARRAY_SIZE(accepted) +
				ARRAY_SIZE(changed)];
	size_t i, n = ARRAY_SIZE(plain);

	memcpy(tests, plain, sizeof(plain));
	for (i = 0; i < ARRAY_SIZE(accepted); i++)
		tests[n++] =
			(struct CMUnitTest){ accepted[i].name, is_accepted,
					     NULL, NULL, (void *)&accepted[i] };
	for (i = 0; i < ARRAY_SIZE(changed); i++)
		tests[n++] =
			(struct CMUnitTest){ changed[i].name, is_planned, NULL,
					     NULL, (void *)&changed[i] };
	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
