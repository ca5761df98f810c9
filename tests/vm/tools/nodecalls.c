// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nodecalls.h"
#include "nodemaps.h"

#define ARENA (1ULL << 32)

#ifndef MAP_SYNC
#define MAP_SYNC 0x80000
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* Since 6.7: headers do not know it yet */
#define FEATURE_WP_ASYNC (1 << 15)

/* In the arena, where nothing is that this process needs */
static char *address_of(struct caller *c)
{
	u64 unit = chance(c, 80) ? c->align : chance(c, 80) ? PAGE : 1;

	return c->arena + below(c, ARENA / 2 / unit) * unit;
}

/*
 * Not beyond the arena, where the stack is; or too much for any address space, which has
 * 56 bits with five levels of page tables
 */
static u64 in_arena(struct caller *c, const char *p, u64 length)
{
	u64 most = c->arena + ARENA - p;

	return length > most && length < 1ULL << 56 ? most : length;
}

/* A mapping of the node, or a part of it, or a place where nothing may be */
static char *place(struct caller *c, u64 *length)
{
	struct vma vmas[32];
	int n = maps_read(vmas, 32);
	const struct vma *v;
	u64 skip = 0, rest;

	*length = length_of(c);
	if (!n || chance(c, 5)) {
		*length %= ARENA / 2;
		return address_of(c);
	}
	v = &vmas[below(c, n < 32 ? n : 32)];
	if (chance(c, 50))
		skip = below(c, (v->end - v->start) / PAGE) * PAGE;
	if (chance(c, 50))
		skip = skip / c->align * c->align;
	/* What lies behind may be this program's own */
	rest = v->end - v->start - skip;
	if (chance(c, 50) || *length > rest)
		*length = rest;
	return (char *)v->start + skip;
}

static void call_open(struct caller *c)
{
	static const int more[] = { O_SYNC,    O_APPEND,  O_NONBLOCK, O_DIRECT,
				    O_NOATIME, O_TRUNC,	  O_CREAT,    O_PATH,
				    O_ASYNC,   O_NOFOLLOW };
	int mode = chance(c, 70) ? O_RDWR : (int)below(c, 4), slot;
	int flags = O_CLOEXEC;

	if (chance(c, 40))
		flags |= more[below(c, sizeof(more) / sizeof(*more))];
	slot = below(c, FDS);
	if (c->fds[slot] >= 0)
		close(c->fds[slot]);
	c->fds[slot] = open(c->device, mode | flags, 0600);
	c->modes[slot] = mode | (flags & O_PATH);
}

static void call_mmap(struct caller *c)
{
	static const int types[] = { MAP_SHARED, MAP_SHARED_VALIDATE,
				     MAP_PRIVATE, 0 };
	static const int more[] = {
		MAP_SYNC,      MAP_POPULATE,	    MAP_NONBLOCK | MAP_POPULATE,
		MAP_LOCKED,    MAP_NORESERVE,	    MAP_STACK,
		MAP_GROWSDOWN, MAP_DENYWRITE,	    MAP_HUGETLB,
		MAP_32BIT,     MAP_FIXED_NOREPLACE, MAP_FIXED,
	};
	int type = chance(c, 85) ? MAP_SHARED : types[below(c, 4)];
	int prot = chance(c, 70) ? PROT_READ | PROT_WRITE : (int)below(c, 8);
	int slot = below(c, FDS), flags = type;
	u64 offset = offset_of(c), length = length_of(c);
	char *where = NULL, *p;

	if (chance(c, 40))
		flags |= more[below(c, sizeof(more) / sizeof(*more))];
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) || chance(c, 20)) {
		where = address_of(c);
		length = in_arena(c, where, length);
	}
	/* Reading all of it in takes long */
	if (flags & (MAP_POPULATE | MAP_LOCKED) && length > 64 * c->align)
		length = 4 * c->align;
	p = (char *)syscall(SYS_mmap, where, length, prot, flags, c->fds[slot],
			    offset);
	if (p == MAP_FAILED)
		return;
	__atomic_fetch_add(&tally->mapped, 1, __ATOMIC_RELAXED);
	if (type == MAP_PRIVATE)
		wrong("mapped privately");
	if (offset % c->align || (u64)p % c->align)
		wrong("mapped offset %#lx at %p", offset, p);
	if (c->modes[slot] & O_PATH || (c->modes[slot] & O_ACCMODE) == O_WRONLY)
		wrong("mapped with mode %#x", c->modes[slot]);
	if (prot & PROT_WRITE && (c->modes[slot] & O_ACCMODE) != O_RDWR)
		wrong("mapped to be written with mode %#x", c->modes[slot]);
}

static void call_memory(struct caller *c)
{
	static const int advice[] = { 0,  1,  2,  3,  4,  8,  9,  10,
				      11, 12, 13, 14, 15, 16, 17, 18,
				      19, 20, 21, 22, 23, 24, 25 };
	unsigned char vec[512];
	void *pages[4];
	int status[4], nodes[4] = { 0 };
	unsigned long mask = 1;
	u64 length;
	char *p = place(c, &length), *to;

	switch (below(c, 14)) {
	case 0:
		mprotect(p, length, below(c, 8));
		break;
	case 1:
	case 2:
		munmap(p, length);
		break;
	case 3:
		mremap(p, length, length_of(c), below(c, 2) * MREMAP_MAYMOVE);
		break;
	case 4:
		to = address_of(c);
		mremap(p, length,
		       in_arena(c, to, chance(c, 50) ? length : length_of(c)),
		       MREMAP_MAYMOVE | MREMAP_FIXED, to);
		break;
	case 5:
		mremap(p, length, length, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
		break;
	case 6:
	case 7:
		madvise(p, length,
			advice[below(c, sizeof(advice) / sizeof(*advice))]);
		break;
	case 8:
		msync(p, length, below(c, 8));
		break;
	case 9:
		if (length <= 64 * c->align)
			syscall(SYS_mlock2, p, length, below(c, 2));
		break;
	case 10:
		munlock(p, length);
		break;
	case 11:
		mincore(p, length < 512 * PAGE ? length : 512 * PAGE, vec);
		break;
	case 12:
		syscall(SYS_mbind, p, length, below(c, 6), &mask, 8,
			some_of(c, 7));
		break;
	default:
		pages[0] = pages[1] = p;
		pages[2] = pages[3] = p + PAGE;
		syscall(SYS_move_pages, 0, 4, pages,
			chance(c, 50) ? nodes : NULL, status, 2);
		if (chance(c, 20))
			syscall(SYS_remap_file_pages, p, length, 0,
				below(c, data_size / PAGE), 0);
	}
}

/* Only with a write protection that nobody has to be woken for */
static void call_userfault(struct caller *c)
{
	struct uffdio_register reg = { 0 };
	struct uffdio_writeprotect protect = { 0 };
	struct uffdio_range range;
	u64 length;

	if (c->uffd < 0)
		return;
	range.start = (u64)place(c, &length);
	range.len = length;
	switch (below(c, 3)) {
	case 0:
		reg.range = range;
		reg.mode = UFFDIO_REGISTER_MODE_WP;
		ioctl(c->uffd, UFFDIO_REGISTER, &reg);
		break;
	case 1:
		protect.range = range;
		protect.mode = below(c, 2);
		ioctl(c->uffd, UFFDIO_WRITEPROTECT, &protect);
		break;
	default:
		ioctl(c->uffd, UFFDIO_UNREGISTER, &range);
	}
}

static void call_fork(struct caller *c)
{
	int status, i;
	pid_t pid = fork();

	if (!pid) {
		for (i = 0; i < 12; i++)
			calls_one(c, 0);
		_exit(0);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status)
		wrong("a child ended with %#x", status);
}

static void open_userfault(struct caller *c)
{
	struct uffdio_api api = { .api = UFFD_API,
				  .features = FEATURE_WP_ASYNC };

	c->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (c->uffd < 0 || !ioctl(c->uffd, UFFDIO_API, &api))
		return;
	close(c->uffd);
	c->uffd = -1;
}

void calls_begin(struct caller *c)
{
	int i;

	c->arena = mmap((void *)0x200000000000, ARENA, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				MAP_FIXED_NOREPLACE,
			-1, 0);
	c->memfd = memfd_create("fuzznode", MFD_CLOEXEC);
	if (c->arena == MAP_FAILED || c->memfd < 0 ||
	    pipe2(c->pipes, O_NONBLOCK | O_CLOEXEC) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, c->sockets))
		exit(2);
	open_userfault(c);
	for (i = 0; i < FDS; i++) {
		c->fds[i] = open(c->device, O_RDWR | O_CLOEXEC);
		c->modes[i] = O_RDWR;
	}
}

void calls_one(struct caller *c, int may_fork)
{
	u64 dice = below(c, 100);
	struct vma v;

	__atomic_fetch_add(&tally->calls, 1, __ATOMIC_RELAXED);
	if (dice < 4)
		call_open(c);
	else if (dice < 20)
		call_mmap(c);
	else if (dice < 38)
		call_memory(c);
	else if (dice < 60)
		touch_some(c->r);
	else if (dice < 75)
		copy_some(c->r, c->pipes, c->memfd);
	else if (dice < 83)
		call_data(c);
	else if (dice < 88)
		call_ioctl(c);
	else if (dice < 96)
		call_file(c);
	else if (dice < 98)
		call_userfault(c);
	else if (may_fork)
		call_fork(c);
	/* Not for ever */
	if (chance(c, 2) && maps_read(&v, 1) > 100)
		mmap(c->arena, ARENA, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
		     -1, 0);
}
