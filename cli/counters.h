/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters of attached namespaces: what the module has in debugfs. */
#ifndef ALTMAPCTL_COUNTERS_H
#define ALTMAPCTL_COUNTERS_H

#include "pure.h"

#define NAME_LENGTH 32

/**
 * struct counters - the files of one provider, see docs/ABI/debugfs-pmem_altmap
 * @pinned: read by counters_pinned() only, as it takes time
 */
struct counters {
	char name[NAME_LENGTH];
	char state[16];
	u64 base_pfn, end_pfn;
	u64 reserve, free, align, alloc, offset, nr_free;
	u64 data_start, data_size;
	u64 dram_memmap;
	u64 attach_ns;
	u64 mappings;
	u64 pinned;
};

int counters_available(void);
int counters_read(const char *name, struct counters *c);
int counters_pinned(struct counters *c);
int counters_each(int (*each)(const struct counters *c, void *data),
		  void *data);

#endif /* ALTMAPCTL_COUNTERS_H */
