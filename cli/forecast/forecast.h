/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ndctl would format, and what each way to keep the memmap costs on the
 * device and in DRAM. Pure code.
 */
#ifndef ALTMAPCTL_FORECAST_H
#define ALTMAPCTL_FORECAST_H

#include "plan/plan.h"

#define FORECAST_WAYS 5
#define FORECAST_TEXT 400

/**
 * struct forecast_way - one way to keep the memmap of a namespace
 * @name: the options of ndctl, or the verb of altmapctl
 * @align: bytes, the --align of ndctl
 * @possible: the namespace is large enough for it
 * @device: bytes of the namespace that are no data: memmap, info block, rounding
 * @data_size: bytes
 * @dram: bytes of memmap in DRAM
 * @page_tables: bytes of DRAM for the tables that map shared pages of memmap
 */
struct forecast_way {
	const char *name;
	u64 align;
	bool possible;
	u64 device;
	u64 data_size;
	u64 dram;
	u64 page_tables;
};

/**
 * struct forecast_advice - which way to take
 * @way: index of a struct forecast_way; -1 if none is possible
 * @why: a sentence with the numbers
 */
struct forecast_advice {
	int way;
	char why[FORECAST_TEXT];
};

enum {
	WAY_DEV,
	WAY_MEM_4K,
	WAY_MEM_2M,
	WAY_MEM_1G,
	WAY_ALTMAPCTL
};

int forecast_format(struct pma_infoblock *ib, u64 start, u64 size, u64 align,
		    bool map_dev, const struct pma_memory_model *mm,
		    struct pma_refusal *why);
void forecast_ways(u64 start, u64 size, u64 align,
		   const struct pma_memory_model *mm,
		   struct forecast_way ways[FORECAST_WAYS]);
void forecast_advise(const struct forecast_way ways[FORECAST_WAYS],
		     u64 dram_total, struct forecast_advice *advice);

#endif /* ALTMAPCTL_FORECAST_H */
