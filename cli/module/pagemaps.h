/* SPDX-License-Identifier: GPL-2.0-only */
/* Every pagemap of the system: what the module has in altmaps_json and summary. */
#ifndef ALTMAPCTL_PAGEMAPS_H
#define ALTMAPCTL_PAGEMAPS_H

#include <stddef.h>

#include "plan/refusal.h"

/**
 * struct pagemap - one dev_pagemap
 * @start: physical address
 * @size: bytes
 * @owner: a device, or ""
 * @driver: its driver, or ""
 * @type: "private", "coherent", "fsdax", "generic", "p2pdma", "unknown"
 * @order: of its compound pages
 * @altmap: its memmap is on the device, and the next fields hold
 * @memmap_device: bytes
 * @memmap_dram: bytes
 * @data_size: bytes
 */
struct pagemap {
	u64 start, size;
	char owner[64];
	char driver[32];
	char type[16];
	u64 order;
	bool altmap;
	u64 base_pfn, reserve, free, align, alloc, offset;
	u64 memmap_device, memmap_dram, data_size;
};

struct pagemaps {
	struct pagemap *entries;
	size_t n;
};

int pagemaps_parse_line(const char *line, size_t length, struct pagemap *e,
			struct pma_refusal *why);
int pagemaps_load(struct pagemaps *pagemaps);
int pagemaps_read(struct pagemaps *pagemaps);
void pagemaps_free(struct pagemaps *pagemaps);
bool pagemap_same(const struct pagemap *a, const struct pagemap *b);
int pagemaps_summary(const char *key, u64 *value);
int pagemaps_vmstat(u64 *bytes);

#endif /* ALTMAPCTL_PAGEMAPS_H */
