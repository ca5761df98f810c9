// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plan against the simulated kernel: it is accepted exactly when the kernel
 * does not run out of altmap, and then its numbers are the kernel's.
 */
#include "kernel_sim.h"
#include "unit.h"

struct model {
	u64 struct_page_size;
	u64 page_struct_size; /* what the block says */
	u64 unit; /* of random starts and sizes, bytes */
};

static const struct model page_64 = { 64, 64, 2 * MIB };
static const struct model page_128 = { 128, 128, 2 * MIB };
/* The memmap of their sections is no whole number of blocks, that of 1 GiB is */
static const struct model page_56 = { 56, 64, GIB };
static const struct model page_80 = { 80, 80, GIB };
static const struct model page_56_odd = { 56, 64, 2 * MIB };
static const struct model page_80_odd = { 80, 80, 2 * MIB };

static void set_model(struct pma_memory_model *mm, const struct model *m)
{
	*mm = (struct pma_memory_model){
		.page_size = 4096,
		.struct_page_size = m->struct_page_size,
		.section_size = 128 * MIB,
		.map_align = 2 * MIB,
		.vmemmap_block = 2 * MIB,
		.aligns = 4 * KIB | 2 * MIB | GIB,
	};
}

/* Would a vmemmap block hold struct pages of this range and of others, or those of
 * a whole section and of a part of one?
 */
static bool shares_block(u64 start, u64 size, const struct pma_memory_model *mm)
{
	u64 page = mm->struct_page_size;
	u64 end = start + size;

	if (128 * MIB / 4096 * page % (2 * MIB) == 0)
		return false;
	return start % (128 * MIB) || end % (128 * MIB) ||
	       start / 4096 * page % (2 * MIB) || end / 4096 * page % (2 * MIB);
}

/* Whether it was accepted; fails if the kernel would say otherwise */
static bool check(const struct pma_infoblock *ib, u64 start, u64 size,
		  const struct pma_memory_model *mm)
{
	const char *differs = NULL;
	struct pma_refusal why = { 0 };
	struct pma_plan l;
	int rc;

	rc = pma_plan_infoblock(ib, start, size, mm, &l, &why);
	if ((rc == -EOPNOTSUPP) !=
	    shares_block(start + ib->start_pad,
			 size - ib->start_pad - ib->end_trunc, mm))
		differs = rc ? why.text : "accepted with a shared block";
	else if (rc == -EOPNOTSUPP)
		return false;
	else if (!rc)
		differs = sim_disagrees(&l, mm);
	else if (rc != -ENOSPC)
		differs = why.text;
	else if (sim_fits(ib, start, size, mm))
		differs = "refused, but the kernel has enough altmap";
	if (differs)
		fail_msg("%#llx bytes at %#llx, dataoff %#llx: %s", size, start,
			 ib->dataoff, differs);
	return !rc;
}

static unsigned int check_size(u64 start, u64 size, const struct model *m)
{
	static const u64 aligns[] = { 4 * KIB, 2 * MIB, GIB };
	struct pma_memory_model mm;
	unsigned int accepted = 0;
	struct pma_infoblock ib;
	size_t i;

	set_model(&mm, m);
	for (i = 0; i < ARRAY_SIZE(aligns); i++) {
		if (!sim_pfn_init(&ib, start, size, aligns[i],
				  m->page_struct_size, &mm))
			continue;
		if (check(&ib, start, size, &mm))
			accepted++;
		else if (!shares_block(start, size - ib.end_trunc, &mm))
			fail_msg(
				"%#llx bytes at %#llx, align %#llx: refused what the kernel itself has formatted",
				size, start, aligns[i]);
	}
	return accepted;
}

/* 2 MiB to 64 TiB, on powers of two and beside them */
static void as_formatted(void **state)
{
	static const u64 starts[] = { 4 * GIB,		 8 * GIB - 2 * MIB,
				      8 * GIB + 2 * MIB, 9 * GIB + 48 * MIB,
				      TIB + 128 * MIB,	 64 * TIB };
	static const u64 more[] = { 0, 2 * MIB, 16 * MIB, 126 * MIB };
	unsigned int accepted = 0;
	size_t i, j;
	u64 size;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		for (size = 4 * MIB; size <= 4 * TIB; size *= 2) {
			for (j = 0; j < ARRAY_SIZE(more); j++)
				accepted += check_size(starts[i],
						       size + more[j], *state);
			accepted +=
				check_size(starts[i], size - 2 * MIB, *state);
		}
		accepted += check_size(starts[i], 64 * TIB - 2 * MIB, *state);
	}
	assert_in_range(accepted, 50, 2000);
	if (((const struct model *)*state)->struct_page_size % 64 == 0)
		assert_in_range(accepted, 1000, 2000);
}

static u64 seed;

static u64 below(u64 limit)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % limit;
}

/* Whole sections in a range; 0 when it reaches no boundary */
static u64 sections(u64 start, u64 size)
{
	u64 first = (start + 128 * MIB - 1) / (128 * MIB);
	u64 last = (start + size) / (128 * MIB);

	return last > first ? last - first : 0;
}

/* Small ranges anywhere, their altmap about as large as it has to be */
static void at_random(void **state)
{
	const unsigned int rounds = 10000;
	const struct model *m = *state;
	unsigned int accepted = 0, round;
	struct pma_memory_model mm;

	set_model(&mm, m);
	seed = 1;
	for (round = 0; round < rounds; round++) {
		struct pma_infoblock ib = {
			.major = 1,
			.minor = 4,
			.npfns = 1,
			.start_pad = m->unit * below(3),
			.end_trunc = m->unit * below(3),
			.align = 4096,
			.page_size = 4096,
			.page_struct_size = m->page_struct_size,
		};
		u64 start = 4 * GIB + m->unit * below(2 * GIB / m->unit);
		u64 size = m->unit * (2 + below(2 * GIB / m->unit));
		u64 memmap = sections(start, size) * m->struct_page_size * 8;
		u64 need = (memmap + 511) / 512 * 512;
		u64 nr_free = need + (below(2) ? 509 + below(3) : below(1024));

		if (!below(4) && nr_free > 512)
			nr_free -= 512;
		ib.dataoff = 4096 * (2 + nr_free);
		if (ib.dataoff >= size)
			continue;
		start -= ib.start_pad;
		size += (u64)ib.start_pad + ib.end_trunc;
		accepted += check(&ib, start, size, &mm);
	}
	if (m->struct_page_size % 64 && m->unit < GIB)
		assert_in_range(accepted, 0, rounds / 100);
	else
		assert_in_range(accepted, rounds / 5, rounds * 4 / 5);
}

#define TEST(f, m) \
	((struct CMUnitTest){ #f ", " #m, f, NULL, NULL, (void *)&(m) })

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(as_formatted, page_64),  TEST(as_formatted, page_128),
		TEST(as_formatted, page_56),  TEST(as_formatted, page_80),
		TEST(at_random, page_64),     TEST(at_random, page_128),
		TEST(at_random, page_56),     TEST(at_random, page_80),
		TEST(at_random, page_56_odd), TEST(at_random, page_80_odd),
	};

	return cmocka_run_group_tests_name("vmemmap", tests, NULL, NULL);
}
