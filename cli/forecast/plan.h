/* SPDX-License-Identifier: GPL-2.0-only */
/* What attaching a namespace would do, by the module's own code, and what it would cost. */
#ifndef ALTMAPCTL_PLAN_H
#define ALTMAPCTL_PLAN_H

#include "forecast/forecast.h"
#include "libnvdimm/nd.h"
#include "output/refusals.h"

#define PLAN_HINTS 8

/**
 * struct plan - what attaching a namespace would come to
 * @name: of the namespace, "" if only a size is planned
 * @mode: of the namespace now
 * @source: what the info block was read from; "format" means that ndctl would write it
 * @attached: pmem_altmap has the namespace already
 * @start: physical address
 * @size: bytes
 * @laid_out: @layout and @infoblock are filled in
 * @infoblock: of the namespace, or what ndctl would write
 * @layout: what the module would make of it
 * @ways: what each way to keep the memmap would cost
 * @best: which of them to take
 * @refusals: why attaching would be refused
 * @closed: the first refusal is only that the info block cannot be read from here
 * @hints: advice about alignment
 */
struct plan {
	char name[NAME_LENGTH];
	const char *mode;
	const char *source;
	bool attached;
	u64 start, size;
	bool laid_out;
	struct pma_infoblock infoblock;
	struct pma_plan layout;
	struct forecast_way ways[FORECAST_WAYS];
	struct forecast_advice best;
	struct refusals refusals;
	bool closed;
	char hints[PLAN_HINTS][FORECAST_TEXT];
	int n_hints;
};

struct json_object;

void plan_size(struct plan *plan, u64 start, u64 size, u64 align, u64 dram);
void plan_namespace(struct plan *plan, const struct nd_space *space, u64 dram);
struct json_object *plan_json(const struct plan *plan, bool human);

#endif /* ALTMAPCTL_PLAN_H */
