/* SPDX-License-Identifier: GPL-2.0-only */
/* What a process has mapped of a device, as the kernel says; and to touch it. */
#ifndef NODEMAPS_H
#define NODEMAPS_H

#include <sys/types.h>

#include "nodewords.h"

struct vma {
	u64 start, end, offset;
	int readable, writable;
};

/* Counts of all processes, in memory that they share */
struct tally {
	u64 calls, mapped, loads, stores, buses, copies, wrong;
};

extern struct tally *tally;
extern u64 data_size;

__attribute__((format(printf, 1, 2))) void wrong(const char *fmt, ...);
void maps_init(const char *device);
/* How many there are; some of them are in @vmas */
int maps_read(struct vma *vmas, int max);
void touch_some(struct rng *r);
void copy_some(struct rng *r, const int pipes[2], int memfd);

#endif /* NODEMAPS_H */
