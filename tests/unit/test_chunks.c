// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of units, added and removed in any order in the simulated kernel: none does harm.
 * With deliberate mistakes in the numbers they do, and a kernel that does something
 * else with them is noticed.
 */
#include <stdlib.h>

#include "cut_sim.h"
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

struct plan {
	struct pma_memory_model mm;
	struct pma_layout l;
	struct pma_cut cut;
};

/* Deliberate mistakes, each where something else than the right number is near */
enum mistake {
	NO_MISTAKE,
	NO_BIT,
	SECTION_EARLY,
	SECTION_MORE,
	WINDOWS_OVERLAP,
	WINDOWS_FROM_START,
	WINDOWS_INTO_DATA,
	NO_OFFSET,
	NR_MISTAKES
};

struct walk {
	const struct plan *p;
	struct cut_sim *sim;
	enum mistake mistake;
	u64 compound;
	unsigned short *map; /* by unit: the map that it is in */
	u64 *last; /* by map: its last unit */
};

static u64 seed;

static u64 below(u64 limit)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % limit;
}

static void *zeroes(u64 number, size_t size)
{
	void *p = calloc(number, size);

	if (!p)
		abort();
	return p;
}

/* A copy of the arithmetic, for numbers that are wrong */
static void set_altmap(struct pma_run *run, const struct plan *p, u64 bit)
{
	run->base_pfn = run->start / p->mm.page_size;
	run->end_pfn = (run->start + run->size) / p->mm.page_size - 1;
	run->reserve = run->window / p->mm.page_size - run->base_pfn + bit;
	run->free = run->offset - run->reserve;
}

static void make_mistake(const struct plan *p, enum mistake mistake, u64 first,
			 struct pma_run *run)
{
	const struct pma_cut *cut = &p->cut;
	u64 slice =
		p->mm.section_size / p->mm.page_size * p->mm.struct_page_size;
	u64 whole_end = cut->end - cut->end % p->mm.section_size;
	u64 bit = 1ULL << 52;
	u64 windows_end;

	switch (mistake) {
	case NO_BIT:
		bit = 0;
		break;
	case SECTION_EARLY:
		if (!first)
			return;
		run->start -= p->mm.section_size;
		run->size += p->mm.section_size;
		run->data_size += p->mm.section_size;
		break;
	case SECTION_MORE:
		run->size += p->mm.section_size;
		run->data_size += p->mm.section_size;
		break;
	case WINDOWS_OVERLAP:
		run->window -= first * p->mm.vmemmap_block;
		break;
	case WINDOWS_FROM_START:
		run->window -= cut->windows - p->l.start;
		break;
	case WINDOWS_INTO_DATA:
		windows_end = cut->windows + (whole_end - cut->start) /
						     p->mm.section_size * slice;
		while (windows_end <= cut->data_start) {
			windows_end += p->mm.vmemmap_block;
			run->window += p->mm.vmemmap_block;
		}
		break;
	case NO_OFFSET:
		run->data_size += run->offset * p->mm.page_size;
		run->offset = 0;
		break;
	default:
		return;
	}
	set_altmap(run, p, bit);
}

/* Add the run of units, and see that all of its data is there */
static const char *add_run(struct walk *w, u64 first, u64 last)
{
	const struct plan *p = w->p;
	struct pma_refusal why;
	struct pma_run_seen seen;
	struct pma_run run;
	const char *wrong;
	u64 unit;

	if (pma_cut_run(&p->cut, first, last, &run, &why))
		return "a run is refused";
	make_mistake(p, w->mistake, first, &run);
	wrong = cut_sim_add(w->sim, first + 1, &run, w->compound);
	if (wrong)
		return wrong;
	if (cut_sim_live(w->sim, first + 1) * p->mm.page_size != run.data_size)
		return "other pages are live than those of the data";
	seen = cut_sim_seen(w->sim, first + 1, &run);
	if (!w->mistake && pma_run_check(&run, &seen, &why))
		return "what the kernel should do is not seen";
	for (unit = first; unit <= last; unit++)
		w->map[unit] = first + 1;
	w->last[first + 1] = last;
	return NULL;
}

static const char *remove_run(struct walk *w, u64 unit)
{
	unsigned int map = w->map[unit];

	for (unit = map - 1; unit <= w->last[map]; unit++)
		w->map[unit] = 0;
	return cut_sim_remove(w->sim, map);
}

/* Of the absent units from this one on, as many as chance wants */
static u64 some_absent(const struct walk *w, u64 unit)
{
	while (unit + 1 < w->p->cut.nr_units && !w->map[unit + 1] && below(4))
		unit++;
	return unit;
}

static const char *any_order(struct walk *w)
{
	const u64 nr_units = w->p->cut.nr_units;
	u64 unit, steps = nr_units < 24 ? nr_units : 24;
	const char *wrong = NULL;

	while (steps-- && !wrong) {
		unit = below(nr_units);
		wrong = w->map[unit] ? remove_run(w, unit) :
				       add_run(w, unit, some_absent(w, unit));
	}
	return wrong;
}

/* What is absent, in units alone or in runs */
static const char *add_rest(struct walk *w, bool alone)
{
	const char *wrong = NULL;
	u64 unit, last;

	for (unit = 0; unit < w->p->cut.nr_units && !wrong; unit++) {
		if (w->map[unit])
			continue;
		last = alone ? unit : some_absent(w, unit);
		wrong = add_run(w, unit, last);
	}
	return wrong;
}

static const char *remove_all(struct walk *w)
{
	const u64 nr_units = w->p->cut.nr_units;
	u64 unit, from = below(nr_units);
	const char *wrong = NULL;

	for (unit = 0; unit < nr_units && !wrong; unit++) {
		if (w->map[(from + unit) % nr_units])
			wrong = remove_run(w, (from + unit) % nr_units);
	}
	return wrong ? wrong : cut_sim_idle(w->sim);
}

/* The whole range is there: each page of its data is live, once, and nothing else */
static const char *all_live(const struct walk *w)
{
	const struct pma_layout *l = &w->p->l;
	u64 unit, pages = 0;

	for (unit = 0; unit < w->p->cut.nr_units; unit++) {
		if (w->map[unit] == unit + 1)
			pages += cut_sim_live(w->sim, unit + 1);
	}
	return pages * l->page_size == l->data_size ?
		       NULL :
		       "not all data is live, or more";
}

/* The guard gives the window struct pages; it is number nr_units + 1 */
static const char *rehearse(struct cut_sim *sim, const struct plan *p,
			    bool guarded)
{
	const unsigned int guard = p->cut.nr_units + 1;
	const char *wrong = NULL;
	struct pma_run_seen seen;
	struct pma_refusal why;
	struct pma_run run;

	pma_cut_rehearsal(&p->cut, &run);
	if (guarded)
		wrong = cut_sim_add_plain(sim, guard, run.window,
					  run.window_size);
	if (!wrong)
		wrong = cut_sim_add(sim, guard + 1, &run, 1);
	if (wrong)
		return wrong;
	seen = cut_sim_seen(sim, guard + 1, &run);
	if (pma_run_check(&run, &seen, &why))
		return "the check says so";
	if (cut_sim_live(sim, guard + 1) * p->mm.page_size != run.size)
		return "other pages are live than those of the section";
	wrong = cut_sim_remove(sim, guard + 1);
	if (!wrong && guarded)
		wrong = cut_sim_remove(sim, guard);
	return wrong ? wrong : cut_sim_idle(sim);
}

static void begin(struct walk *w, const struct plan *p, enum mistake mistake)
{
	*w = (struct walk){
		.p = p,
		.sim = cut_sim_new(&p->l, &p->mm, SIM_STOCK,
				   p->cut.nr_units + 2),
		.mistake = mistake,
		.compound = below(2) ? p->l.align / p->mm.page_size : 1,
		.map = zeroes(p->cut.nr_units, sizeof(*w->map)),
		.last = zeroes(p->cut.nr_units + 1, sizeof(*w->last)),
	};
}

static void end(struct walk *w)
{
	cut_sim_free(w->sim);
	free(w->map);
	free(w->last);
}

static void fail_plan(const struct plan *p, const char *wrong)
{
	fail_msg(
		"%#llx bytes at %#llx, data at %#llx, align %#llx, unit %#llx: %s",
		p->l.size, p->l.start, p->l.data_start, p->l.align, p->cut.unit,
		wrong);
}

static void walk(const struct plan *p)
{
	const char *wrong;
	struct walk w;

	begin(&w, p, NO_MISTAKE);
	wrong = rehearse(w.sim, p, below(2));
	if (!wrong)
		wrong = any_order(&w);
	if (!wrong)
		wrong = add_rest(&w, below(2));
	if (!wrong)
		wrong = all_live(&w);
	if (!wrong)
		wrong = remove_all(&w);
	end(&w);
	if (wrong)
		fail_plan(p, wrong);
}

static bool cut(struct plan *p, const struct pma_infoblock *ib, u64 start,
		u64 size, u64 unit)
{
	struct pma_refusal why;

	return !pma_layout_plan(ib, start, size, &p->mm, &p->l, &why) &&
	       !pma_cut_plan(&p->l, &p->mm, unit, &p->cut, &why);
}

/* As the kernel formats it, and then perhaps with a larger head and padding */
static bool small_plan(struct plan *p)
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
	struct plan p;

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

static void large_plan(struct plan *p, u64 start, u64 size, u64 align, u64 unit)
{
	struct pma_infoblock ib;

	p->mm = sim_x86;
	assert_true(sim_pfn_init(&ib, start, size, align, 64, &sim_x86));
	assert_true(cut(p, &ib, start, size, unit));
}

static void like_x86(void **state)
{
	static const u64 aligns[] = { 4 * KIB, 2 * MIB, GIB };
	unsigned int round;
	struct plan p;

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
	struct plan p;

	(void)state;
	seed = 3;
	large_plan(&p, 4 * GIB, TIB, 4 * KIB, GIB);
	walk(&p);
	large_plan(&p, 4 * GIB, TIB, 2 * MIB, GIB);
	walk(&p);
	large_plan(&p, 4 * GIB, TIB, GIB, GIB);
	walk(&p);
	large_plan(&p, 4 * GIB + 16 * MIB, TIB + 2 * MIB, 2 * MIB, 16 * GIB);
	walk(&p);
}

/* Unit by unit, and all away again */
static const char *plain_walk(const struct plan *p, enum mistake mistake)
{
	const char *wrong;
	struct walk w;

	begin(&w, p, mistake);
	w.compound = 1;
	wrong = add_rest(&w, true);
	if (!wrong)
		wrong = all_live(&w);
	if (!wrong)
		wrong = remove_all(&w);
	end(&w);
	return wrong;
}

/* What comes of a mistake */
struct made {
	const char *name;
	enum mistake mistake;
	const char *says;
};

/* clang-format off */
static const struct made all_made[] = {
	{ "found: no mistake", NO_MISTAKE, NULL },
	{ "found: no bit beyond addresses", NO_BIT,
	  "a struct page that is not there is initialised" },
	{ "found: a section early", SECTION_EARLY, "a page is in two maps" },
	{ "found: a section more", SECTION_MORE, "a page is in two maps" },
	{ "found: windows overlap", WINDOWS_OVERLAP, "a page is given out twice" },
	{ "found: windows from the start on", WINDOWS_FROM_START, "memmap is on the info block" },
	{ "found: windows reach into data", WINDOWS_INTO_DATA, "memmap is on data" },
	{ "found: D is forgotten", NO_OFFSET, "not all data is live, or more" },
};
/* clang-format on */

/* Each one is found with each plan that it can be made with */
static void mistakes_are_found(void **state)
{
	const struct made *m = *state;
	unsigned int made = 0;
	const char *wrong;
	struct plan p;

	seed = 4;
	while (made < 1000) {
		if (!small_plan(&p))
			continue;
		if (m->mistake == NO_OFFSET && p.cut.data_start == p.cut.start)
			continue;
		wrong = plain_walk(&p, m->mistake);
		if (wrong != m->says &&
		    (!wrong || !m->says || strcmp(wrong, m->says)))
			fail_plan(&p,
				  wrong ? wrong : "the mistake is not found");
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

static void assert_rehearsed(const struct plan *p, const struct other *o,
			     bool guarded)
{
	const char *want = guarded ? o->guarded : o->bare;
	struct cut_sim *sim;
	const char *wrong;

	sim = cut_sim_new(&p->l, &p->mm, o->kernel, p->cut.nr_units + 2);
	wrong = rehearse(sim, p, guarded);
	cut_sim_free(sim);
	if (want && wrong)
		assert_string_equal(wrong, want);
	else if (want != wrong)
		fail_plan(p, wrong ? wrong : "nothing is noticed");
}

/* The rehearsal shows it, and never with the info block or data: these would be named */
static void others_are_noticed(void **state)
{
	const struct other *o = *state;
	struct plan p;

	large_plan(&p, 8 * GIB + 2 * MIB, 16 * GIB, 2 * MIB, GIB);
	assert_rehearsed(&p, o, true);
	assert_rehearsed(&p, o, false);
	large_plan(&p, 8 * GIB, 64 * GIB, GIB, GIB);
	assert_rehearsed(&p, o, true);
	assert_rehearsed(&p, o, false);
}

#define TEST(name, f, of) \
	((struct CMUnitTest){ name, f, NULL, NULL, (void *)(of) })

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(all_made) + ARRAY_SIZE(others) + 3];
	size_t n = 0, i;

	_Static_assert(ARRAY_SIZE(all_made) == NR_MISTAKES, "one is left out");
	for (i = 0; i < ARRAY_SIZE(all_made); i++)
		tests[n++] = TEST(all_made[i].name, mistakes_are_found,
				  &all_made[i]);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		tests[n++] =
			TEST(others[i].name, others_are_noticed, &others[i]);
	tests[n++] = TEST("100,000 plans at random", at_random, NULL);
	tests[n++] = TEST("like x86", like_x86, NULL);
	tests[n++] = TEST("1 TiB", one_tebibyte, NULL);
	return cmocka_run_group_tests_name("chunks", tests, NULL, NULL);
}
