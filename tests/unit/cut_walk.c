// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "cut_walk.h"

static void *zeroes(u64 number, size_t size)
{
	void *p = calloc(number, size);

	if (!p)
		abort();
	return p;
}

void cut_walk_begin(struct cut_walk *w, const struct cut_plan *p,
		    enum cut_sim_kernel kernel, u64 (*below)(u64 limit))
{
	const u64 nr_units = p->cut.nr_units;

	*w = (struct cut_walk){
		.p = p,
		.sim = cut_sim_new(&p->l, &p->mm, kernel, nr_units + 2),
		.compound = 1,
		.below = below,
		.map = zeroes(nr_units, sizeof(*w->map)),
		.last = zeroes(nr_units + 1, sizeof(*w->last)),
	};
}

void cut_walk_end(struct cut_walk *w)
{
	cut_sim_free(w->sim);
	free(w->map);
	free(w->last);
}

/* The guard gives the window struct pages. Its number and the next are no unit's. */
const char *cut_walk_rehearse(struct cut_walk *w, bool guarded)
{
	const unsigned int guard = w->p->cut.nr_units + 1;
	const char *wrong = NULL;
	struct pma_run_seen seen;
	struct pma_refusal why;
	struct pma_run run;

	pma_cut_rehearsal(&w->p->cut, &run);
	if (guarded)
		wrong = cut_sim_add_plain(w->sim, guard, run.window,
					  run.window_size);
	if (!wrong)
		wrong = cut_sim_add(w->sim, guard + 1, &run, 1);
	if (wrong)
		return wrong;
	seen = cut_sim_seen(w->sim, guard + 1, &run);
	if (pma_run_check(&run, &seen, &why))
		return "the check says so";
	if (cut_sim_live(w->sim, guard + 1) * w->p->mm.page_size != run.size)
		return "other pages are live than those of the section";
	wrong = cut_sim_remove(w->sim, guard + 1);
	if (!wrong && guarded)
		wrong = cut_sim_remove(w->sim, guard);
	return wrong ? wrong : cut_sim_idle(w->sim);
}

/* All of the run's data must be there, and nothing else */
static const char *add_run(struct cut_walk *w, u64 first, u64 last)
{
	const struct cut_plan *p = w->p;
	struct pma_refusal why;
	struct pma_run_seen seen;
	struct pma_run run;
	const char *wrong;
	u64 unit;

	if (pma_cut_run(&p->cut, first, last, &run, &why))
		return "a run is refused";
	if (w->change)
		w->change(p, first, &run);
	wrong = cut_sim_add(w->sim, first + 1, &run, w->compound);
	if (wrong)
		return wrong;
	if (cut_sim_live(w->sim, first + 1) * p->mm.page_size != run.data_size)
		return "other pages are live than those of the data";
	seen = cut_sim_seen(w->sim, first + 1, &run);
	if (!w->change && pma_run_check(&run, &seen, &why))
		return "the check says so";
	for (unit = first; unit <= last; unit++)
		w->map[unit] = first + 1;
	w->last[first + 1] = last;
	return NULL;
}

static const char *remove_run(struct cut_walk *w, u64 unit)
{
	unsigned int map = w->map[unit];

	for (unit = map - 1; unit <= w->last[map]; unit++)
		w->map[unit] = 0;
	return cut_sim_remove(w->sim, map);
}

/* Of the absent units from this one on, as many as chance wants */
static u64 some_absent(const struct cut_walk *w, u64 unit)
{
	while (unit + 1 < w->p->cut.nr_units && !w->map[unit + 1] &&
	       w->below(4))
		unit++;
	return unit;
}

/* Any unit: its map goes, or it comes in a run */
const char *cut_walk_steps(struct cut_walk *w, u64 steps)
{
	const char *wrong = NULL;
	u64 unit;

	while (steps-- && !wrong) {
		unit = w->below(w->p->cut.nr_units);
		wrong = w->map[unit] ? remove_run(w, unit) :
				       add_run(w, unit, some_absent(w, unit));
	}
	return wrong;
}

/* What is absent comes, in units alone or in runs */
const char *cut_walk_rest(struct cut_walk *w, bool alone)
{
	const char *wrong = NULL;
	u64 unit;

	for (unit = 0; unit < w->p->cut.nr_units && !wrong; unit++) {
		if (!w->map[unit])
			wrong = add_run(w, unit,
					alone ? unit : some_absent(w, unit));
	}
	return wrong;
}

/* Each page of the data is live, once, and nothing else */
const char *cut_walk_is_full(const struct cut_walk *w)
{
	u64 unit, pages = 0;

	for (unit = 0; unit < w->p->cut.nr_units; unit++) {
		if (w->map[unit] == unit + 1)
			pages += cut_sim_live(w->sim, unit + 1);
	}
	return pages * w->p->mm.page_size == w->p->l.data_size ?
		       NULL :
		       "not all data is live, or more";
}

/* All maps go, and nothing is left of them */
const char *cut_walk_clear(struct cut_walk *w)
{
	const u64 nr_units = w->p->cut.nr_units;
	u64 unit, from = w->below(nr_units);
	const char *wrong = NULL;

	for (unit = 0; unit < nr_units && !wrong; unit++) {
		if (w->map[(from + unit) % nr_units])
			wrong = remove_run(w, (from + unit) % nr_units);
	}
	return wrong ? wrong : cut_sim_idle(w->sim);
}
