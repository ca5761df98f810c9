// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of units, added and removed in any order in the simulated kernel: none does harm.
 * With deliberate mistakes in the numbers they do, and a kernel that does something
 * else with them is noticed.
 */
#include "cut_walk.h"
#include "kernel_sim.h"
#include "unit.h"

/* As x86, but small: a section has 32 pages and a block 8 */
static const struct pma_memory_model small = {
	.page_size = 4096,
	.struct_page_size = 1024,
	.section_size = 128 * KIB,
	.map_align = 32 * KIB,
	.vmemmap_block = 32 * KIB,
	.aligns = 4 * KIB | 32 * KIB | 128 * KIB | 256 * KIB | 512 * KIB,
};

static u64 seed;

static u64 below(u64 limit)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % limit;
}

static void fail_plan(const struct cut_plan *p, const char *wrong)
{
	fail_msg(
		"%#llx bytes at %#llx, data at %#llx, align %#llx, unit %#llx: %s",
		p->l.size, p->l.start, p->l.data_start, p->l.align, p->cut.unit,
		wrong);
}

static void walk(const struct cut_plan *p)
{
	const u64 nr_units = p->cut.nr_units;
	struct cut_walk w;
	const char *wrong;

	cut_walk_begin(&w, p, SIM_STOCK, below);
	if (below(2))
		w.compound = p->l.align / p->mm.page_size;
	wrong = cut_walk_rehearse(&w, below(2));
	if (!wrong)
		wrong = cut_walk_steps(&w, nr_units < 24 ? nr_units : 24);
	if (!wrong)
		wrong = cut_walk_rest(&w, below(2));
	if (!wrong)
		wrong = cut_walk_is_full(&w);
	if (!wrong)
		wrong = cut_walk_clear(&w);
	cut_walk_end(&w);
	if (wrong)
		fail_plan(p, wrong);
}

static bool cut(struct cut_plan *p, const struct pma_infoblock *ib, u64 start,
		u64 size, u64 unit)
{
	struct pma_refusal why;

	return !pma_plan_infoblock(ib, start, size, &p->mm, &p->l, &why) &&
	       !pma_cut_plan(&p->l, &p->mm, unit, &p->cut, &why);
}

/* As the kernel formats it, and then perhaps with a larger head and padding */
static bool small_plan(struct cut_plan *p)
{
	static const u64 aligns[] = { 4 * KIB, 32 * KIB, 128 * KIB, 256 * KIB,
				      512 * KIB };
	u64 align = aligns[below(ARRAY_SIZE(aligns))];
	u64 start = 16 * MIB + 32 * KIB * below(64);
	u64 size = 32 * KIB * (48 + below(160));
	struct pma_infoblock ib;

	p->mm = small;
	if (!below(4))
		p->mm.struct_page_size = 2048;
	if (!sim_pfn_init(&ib, start, size, align, p->mm.struct_page_size,
			  &p->mm))
		return false;
	ib.npfns = 1;
	if (!below(3))
		ib.dataoff += align * below(1 + 256 * KIB / align);
	if (!below(4))
		ib.end_trunc += below(2) ? align : 512 * KIB;
	if (!below(4)) {
		ib.start_pad = 32 * KIB * below(4);
		start -= ib.start_pad;
		size += ib.start_pad;
	}
	return cut(p, &ib, start, size, 32 * KIB << below(6));
}

static void at_random(void **state)
{
	const unsigned int wanted = 100000;
	unsigned int accepted = 0, parts = 0, offsets = 0, rounds = 0;
	struct cut_plan p;

	(void)state;
	seed = 1;
	while (accepted < wanted) {
		assert_in_range(++rounds, 1, 3 * wanted);
		if (!small_plan(&p))
			continue;
		walk(&p);
		accepted++;
		parts += p.cut.end % p.mm.section_size != 0;
		offsets += p.cut.data_start != p.cut.start;
	}
	/* What is special is not rare */
	assert_in_range(parts, wanted / 4, wanted);
	assert_in_range(offsets, wanted / 4, wanted);
}

static void large_plan(struct cut_plan *p, u64 start, u64 size, u64 align,
		       u64 unit)
{
	struct pma_infoblock ib;

	p->mm = sim_x86;
	assert_true(sim_pfn_init(&ib, start, size, align, 64, &sim_x86));
	assert_true(cut(p, &ib, start, size, unit));
}

static void like_x86(void **state)
{
	static const u64 aligns[] = { 4 * KIB, 2 * MIB, GIB };
	struct cut_plan p;
	unsigned int round;

	(void)state;
	seed = 2;
	for (round = 0; round < 200; round++) {
		large_plan(&p, 4 * GIB + 2 * MIB * below(1024),
			   16 * GIB + 2 * MIB * below(8192),
			   aligns[below(ARRAY_SIZE(aligns))], GIB << below(3));
		walk(&p);
	}
}

static void one_tebibyte(void **state)
{
	struct cut_plan p;

	(void)state;
	seed = 3;
	large_plan(&p, 4 * GIB, TIB, 4 * KIB, GIB);
	walk(&p);
	large_plan(&p, 4 * GIB, TIB, GIB, GIB);
	walk(&p);
	large_plan(&p, 4 * GIB + 16 * MIB, TIB + 2 * MIB, 2 * MIB, 16 * GIB);
	walk(&p);
}

/* A copy of the arithmetic, for numbers that are wrong */
static void set_numbers(struct pma_run *run, const struct cut_plan *p, u64 bit)
{
	run->base_pfn = run->start / p->mm.page_size;
	run->end_pfn = (run->start + run->size) / p->mm.page_size - 1;
	run->data_size = run->size - run->offset * p->mm.page_size;
	run->reserve = run->window / p->mm.page_size - run->base_pfn + bit;
	run->free = run->offset - run->reserve;
}

#define BIT (1ULL << 52)

static void no_mistake(const struct cut_plan *p, u64 first, struct pma_run *run)
{
	(void)first;
	set_numbers(run, p, BIT);
}

static void no_bit(const struct cut_plan *p, u64 first, struct pma_run *run)
{
	(void)first;
	set_numbers(run, p, 0);
}

static void section_early(const struct cut_plan *p, u64 first,
			  struct pma_run *run)
{
	if (first) {
		run->start -= p->mm.section_size;
		run->size += p->mm.section_size;
	}
	set_numbers(run, p, BIT);
}

static void section_more(const struct cut_plan *p, u64 first,
			 struct pma_run *run)
{
	(void)first;
	run->size += p->mm.section_size;
	set_numbers(run, p, BIT);
}

static void windows_overlap(const struct cut_plan *p, u64 first,
			    struct pma_run *run)
{
	run->window -= first * p->mm.vmemmap_block;
	set_numbers(run, p, BIT);
}

static void windows_from_start(const struct cut_plan *p, u64 first,
			       struct pma_run *run)
{
	(void)first;
	run->window -= p->cut.windows - p->l.start;
	set_numbers(run, p, BIT);
}

/* As if the windows' area ended with a block of the data */
static void windows_into_data(const struct cut_plan *p, u64 first,
			      struct pma_run *run)
{
	const u64 sections = p->cut.end / p->mm.section_size -
			     p->cut.start / p->mm.section_size;
	u64 end = p->cut.windows + sections * p->mm.section_size /
					   p->mm.page_size *
					   p->mm.struct_page_size;

	(void)first;
	for (; end <= p->cut.data_start; end += p->mm.vmemmap_block)
		run->window += p->mm.vmemmap_block;
	set_numbers(run, p, BIT);
}

static void no_offset(const struct cut_plan *p, u64 first, struct pma_run *run)
{
	(void)first;
	run->offset = 0;
	set_numbers(run, p, BIT);
}

struct mistake {
	const char *name;
	void (*make)(const struct cut_plan *p, u64 first, struct pma_run *run);
	const char *says; /* of the harm */
};

/* clang-format off */
static const struct mistake mistakes[] = {
	{ "found: no mistake", no_mistake, NULL },
	{ "found: no bit beyond addresses", no_bit,
	  "a struct page that is not there is initialised" },
	{ "found: a section early", section_early, "a page is in two maps" },
	{ "found: a section more", section_more, "a page is in two maps" },
	{ "found: windows overlap", windows_overlap, "a page is given out twice" },
	{ "found: windows from the start on", windows_from_start, "memmap is on the info block" },
	{ "found: windows reach into data", windows_into_data, "memmap is on data" },
	{ "found: D is forgotten", no_offset, "not all data is live, or more" },
};
/* clang-format on */

static bool differ(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : a != b;
}

/* Each one is found with each plan that it can be made with */
static void mistake_is_found(void **state)
{
	const struct mistake *m = *state;
	unsigned int made = 0;
	struct cut_plan p;
	struct cut_walk w;
	const char *wrong;

	seed = 4;
	while (made < 1000) {
		if (!small_plan(&p))
			continue;
		if (m->make == no_offset && p.cut.data_start == p.cut.start)
			continue;
		cut_walk_begin(&w, &p, SIM_STOCK, below);
		w.change = m->make;
		wrong = cut_walk_rest(&w, true);
		if (!wrong)
			wrong = cut_walk_is_full(&w);
		if (!wrong)
			wrong = cut_walk_clear(&w);
		cut_walk_end(&w);
		if (differ(wrong, m->says))
			fail_plan(&p, wrong ? wrong : "nothing is found");
		made++;
	}
}

/* A kernel that is not as it is known */
struct other {
	const char *name;
	enum cut_sim_kernel kernel;
	const char *guarded, *bare;
};

/* clang-format off */
static const struct other others[] = {
	{ "a kernel as it is known", SIM_STOCK, NULL, NULL },
	{ "a kernel that heeds no bit beyond addresses", SIM_MASKS_PFN,
	  "a struct page of another map is initialised",
	  "a struct page that is not there is initialised" },
	{ "a kernel that does not heed reserve", SIM_IGNORES_RESERVE,
	  "the check says so", "the check says so" },
	{ "a kernel that gives out real addresses only", SIM_CHECKS_PFN,
	  "no memory for the memmap", "no memory for the memmap" },
	{ "a kernel that calculates with signs", SIM_IS_SIGNED,
	  "no memory for the memmap", "no memory for the memmap" },
	{ "a kernel that aligns to more", SIM_ALIGNS_MORE,
	  "the check says so", "the check says so" },
	{ "a kernel that frees by range", SIM_FREES_BY_RANGE,
	  "failed to free all reserved pages",
	  "a struct page that is not there is asked" },
};
/* clang-format on */

static void assert_noticed(const struct cut_plan *p, const struct other *o,
			   bool guarded)
{
	const char *wrong;
	struct cut_walk w;

	cut_walk_begin(&w, p, o->kernel, below);
	wrong = cut_walk_rehearse(&w, guarded);
	cut_walk_end(&w);
	if (differ(wrong, guarded ? o->guarded : o->bare))
		fail_plan(p, wrong ? wrong : "nothing is noticed");
}

/* By the rehearsal, and never with the info block or data: these would be named */
static void other_is_noticed(void **state)
{
	const struct other *o = *state;
	struct cut_plan p;

	large_plan(&p, 8 * GIB + 2 * MIB, 16 * GIB, 2 * MIB, GIB);
	assert_noticed(&p, o, true);
	assert_noticed(&p, o, false);
	large_plan(&p, 8 * GIB, 64 * GIB, GIB, GIB);
	assert_noticed(&p, o, true);
	assert_noticed(&p, o, false);
}

#define TEST(name, f, of) \
	((struct CMUnitTest){ name, f, NULL, NULL, (void *)(of) })

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(mistakes) + ARRAY_SIZE(others) + 3];
	size_t n = 0, i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++)
		tests[n++] =
			TEST(mistakes[i].name, mistake_is_found, &mistakes[i]);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		tests[n++] = TEST(others[i].name, other_is_noticed, &others[i]);
	tests[n++] = TEST("100,000 plans at random", at_random, NULL);
	tests[n++] = TEST("like x86", like_x86, NULL);
	tests[n++] = TEST("1 TiB", one_tebibyte, NULL);
	return cmocka_run_group_tests_name("chunks", tests, NULL, NULL);
}
