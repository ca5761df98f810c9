/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps of a cut come and go in the simulated kernel, and each must do what it should:
 * for the unit tests and the fuzzer, which choose what comes next.
 */
#ifndef CUT_WALK_H
#define CUT_WALK_H

#include "cut_sim.h"

struct cut_plan {
	struct pma_memory_model mm;
	struct pma_plan l;
	struct pma_cut cut;
};

/* Each function that returns a string says what went wrong, or NULL */
struct cut_walk {
	const struct cut_plan *p;
	struct cut_sim *sim;
	u64 compound; /* pages of a compound page, 1 for none */
	u64 (*below)(u64 limit); /* chooses a number */
	/* Makes other numbers of a run, perhaps */
	void (*change)(const struct cut_plan *p, u64 first,
		       struct pma_run *run);
	unsigned short *map; /* by unit: the map that it is in */
	u64 *last; /* by map: its last unit */
};

void cut_walk_begin(struct cut_walk *w, const struct cut_plan *p,
		    enum cut_sim_kernel kernel, u64 (*below)(u64 limit));
void cut_walk_end(struct cut_walk *w);
const char *cut_walk_rehearse(struct cut_walk *w, bool guarded);
const char *cut_walk_steps(struct cut_walk *w, u64 steps);
const char *cut_walk_rest(struct cut_walk *w, bool alone);
const char *cut_walk_is_full(const struct cut_walk *w);
const char *cut_walk_clear(struct cut_walk *w);

#endif /* CUT_WALK_H */
