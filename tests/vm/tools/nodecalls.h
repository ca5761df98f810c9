/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls on a device node, with arguments of all kinds. */
#ifndef NODECALLS_H
#define NODECALLS_H

#include "fuzzrand.h"

#define FDS 8
#define PAGE 4096ULL

/* A process: its descriptors of the node, and what else calls want */
struct caller {
	struct rng *r;
	const char *device;
	u64 align;
	int fds[FDS], modes[FDS];
	int pipes[2], memfd, sockets[2], uffd;
	char *arena;
};

int chance(struct caller *c, unsigned int percent);
u64 below(struct caller *c, u64 n);
u64 some_of(struct caller *c, u64 all);
int fd_of(struct caller *c);
u64 offset_of(struct caller *c);
u64 length_of(struct caller *c);

void call_data(struct caller *c);
void call_ioctl(struct caller *c);
void call_file(struct caller *c);

void calls_begin(struct caller *c);
/* @may_fork: not in a child */
void calls_one(struct caller *c, int may_fork);

#endif /* NODECALLS_H */
