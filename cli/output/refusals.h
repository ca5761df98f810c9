/* SPDX-License-Identifier: GPL-2.0-only */
/* Why something is refused: all reasons at once, in the module's form. */
#ifndef ALTMAPCTL_REFUSALS_H
#define ALTMAPCTL_REFUSALS_H

#include "plan/refusal.h"

#define REFUSALS_MAX 8

struct refusals {
	struct pma_refusal list[REFUSALS_MAX];
	int n;
};

struct json_object;

struct pma_refusal *refusals_add(struct refusals *refusals);
struct json_object *refusals_json(const struct refusals *refusals);

#endif /* ALTMAPCTL_REFUSALS_H */
