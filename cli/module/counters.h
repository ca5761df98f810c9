/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters of providers, which the module has in debugfs. */
#ifndef ALTMAPCTL_COUNTERS_H
#define ALTMAPCTL_COUNTERS_H

#include "plan/pure.h"
#include "system/namespace.h"

/* The devices of other modules can have longer names than namespaces */
#define PROVIDER_NAME 256

/**
 * struct counters - the files of one provider, see docs/ABI/debugfs-pmem_altmap
 * @name: of the namespace, or of the device of what another module added
 * @node: of its device node below /dev, "" if there is none
 * @unread: after an error, the file that could not be read
 * @pinned: filled in by counters_pinned() only, since that takes time
 * @has_users: @users is known; an older module has no such file
 * @users: references that other modules hold
 */
struct counters {
	char name[PROVIDER_NAME];
	char node[NODE_NAME];
	const char *unread;
	char state[16];
	u64 base_pfn, end_pfn;
	u64 reserve, free, align, alloc, offset, nr_free;
	u64 data_start, data_size;
	u64 dram_memmap;
	u64 attach_ns;
	u64 mappings;
	u64 pinned;
	bool has_users;
	u64 users;
};

int counters_there(void);
int counters_available(void);
bool counters_of_other(const char *name);
int counters_read(const char *name, struct counters *c);
int counters_pinned(struct counters *c);
int counters_unread(const char *name, int rc);
int counters_each(int (*each)(const struct counters *c, void *data),
		  void *data);

#endif /* ALTMAPCTL_COUNTERS_H */
