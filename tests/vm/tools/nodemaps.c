// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "nodemaps.h"

#define VMAS 64

struct tally *tally;
u64 data_size;
static char device_number[32];
static sigjmp_buf jump;
static volatile sig_atomic_t touching;

void wrong(const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	printf("# WRONG in process %d: %s\n", getpid(), line);
	__atomic_fetch_add(&tally->wrong, 1, __ATOMIC_RELAXED);
}

static void count(u64 *what)
{
	__atomic_fetch_add(what, 1, __ATOMIC_RELAXED);
}

static void caught(int sig)
{
	if (!touching) {
		wrong("signal %d out of nothing", sig);
		_exit(1);
	}
	siglongjmp(jump, sig);
}

void maps_init(const char *device)
{
	struct stat st;

	if (stat(device, &st)) {
		perror(device);
		exit(2);
	}
	/* As /proc/self/maps has the inode's file system and number */
	snprintf(device_number, sizeof(device_number), " %02x:%02x %lu ",
		 major(st.st_dev), minor(st.st_dev), st.st_ino);
	signal(SIGBUS, caught);
	signal(SIGSEGV, caught);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGIO, SIG_IGN);
	signal(SIGURG, SIG_IGN);
}

int maps_read(struct vma *vmas, int max)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char line[512], rights[8];
	struct vma v;
	int n = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (!strstr(line, device_number) ||
		    sscanf(line, "%lx-%lx %7s %lx", &v.start, &v.end, rights,
			   &v.offset) != 4)
			continue;
		v.readable = rights[0] == 'r';
		v.writable = rights[1] == 'w';
		if (rights[3] != 's')
			wrong("a private mapping at %#lx", v.start);
		/* The later ones replace some of the first */
		if (n < max)
			vmas[n] = v;
		else if (n * 7 % 3)
			vmas[n % max] = v;
		n++;
	}
	if (file)
		fclose(file);
	return n;
}

/* A word of a mapping: its address, NULL if nothing is mapped */
static volatile u64 *pick(struct rng *r, struct vma *v, u64 *offset)
{
	struct vma vmas[VMAS];
	int n = maps_read(vmas, VMAS);
	u64 at;

	if (!n)
		return NULL;
	*v = vmas[rng_below(r, n < VMAS ? n : VMAS)];
	at = rng_below(r, (v->end - v->start) / 8) * 8;
	/* The ends are worth more than the middle */
	if (rng_percent(r, 20))
		at = 0;
	else if (rng_percent(r, 20))
		at = v->end - v->start - 8;
	*offset = v->offset + at;
	return (volatile u64 *)(v->start + at);
}

static void judge(u64 word, u64 offset, const char *how)
{
	if (offset >= data_size)
		wrong("%s got %#lx from offset %#lx, behind the data", how,
		      word, offset);
	else if (!is_word_of(word, offset))
		wrong("%s got %#lx from offset %#lx: foreign memory", how, word,
		      offset);
}

static void touch(struct rng *r, struct vma *v, volatile u64 *p, u64 offset)
{
	volatile int store = v->writable && rng_percent(r, 50);
	int sig = sigsetjmp(jump, 1);

	touching = !sig;
	if (!sig) {
		u64 word = 0;

		/* What is behind the data must not be there to be written to */
		if (store)
			*p = word_of(offset, rng_next(r));
		else
			word = *p;
		touching = 0;
		count(store ? &tally->stores : &tally->loads);
		if (!store)
			judge(word, offset, "a load");
		else if (offset >= data_size)
			wrong("stored to offset %#lx, behind the data", offset);
		return;
	}
	if (sig == SIGBUS)
		count(&tally->buses);
	else if (v->readable || (store && v->writable))
		wrong("signal %d at offset %#lx", sig, offset);
}

/**
 * touch_some - load and store words of what is mapped
 * @r: where chance comes from
 */
void touch_some(struct rng *r)
{
	volatile u64 *p;
	struct vma v;
	u64 offset;
	int i;

	p = pick(r, &v, &offset);
	for (i = 0; p && i < 8; i++) {
		touch(r, &v, p, offset);
		/* Other words of the same one */
		offset -= (u64)p - v.start;
		p = (volatile u64 *)(v.start +
				     rng_below(r, (v.end - v.start) / 8) * 8);
		offset += (u64)p - v.start;
	}
}

/* Eight words that the kernel has fetched */
static void judge_all(const u64 *words, ssize_t n, u64 offset, const char *how)
{
	int i;

	if (n > 0)
		count(&tally->copies);
	for (i = 0; i < n / 8; i++)
		judge(words[i], offset + 8 * i, how);
}

/**
 * copy_some - let the kernel load and store words of what is mapped
 * @r: where chance comes from
 * @pipes: that do not block
 * @memfd: a file
 */
void copy_some(struct rng *r, const int pipes[2], int memfd)
{
	struct iovec here, there;
	u64 words[8], offset;
	volatile u64 *p;
	struct vma v;
	ssize_t n;
	int i;

	p = pick(r, &v, &offset);
	if (!p)
		return;
	if ((u64)p > v.end - sizeof(words)) {
		offset -= sizeof(words) - 8;
		p -= 7;
	}
	for (i = 0; i < 8; i++)
		words[i] = word_of(offset + 8 * i, rng_next(r));
	here = (struct iovec){ words, sizeof(words) };
	there = (struct iovec){ (void *)p, sizeof(words) };

	switch (rng_below(r, 6)) {
	case 0:
		n = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
		judge_all(words, n, offset, "process_vm_readv");
		break;
	case 1:
		n = process_vm_writev(getpid(), &here, 1, &there, 1, 0);
		if (n > 0 && offset >= data_size)
			wrong("process_vm_writev to offset %#lx", offset);
		break;
	case 2:
		if (pwrite(memfd, words, sizeof(words), 0) == sizeof(words) &&
		    pread(memfd, (void *)p, sizeof(words), 0) > 0 &&
		    offset >= data_size)
			wrong("pread to offset %#lx", offset);
		break;
	case 3:
		n = pwrite(memfd, (void *)p, sizeof(words), 64);
		if (n > 0)
			n = pread(memfd, words, n, 64);
		judge_all(words, n, offset, "pwrite");
		break;
	case 4:
		n = write(pipes[1], (void *)p, sizeof(words));
		if (n > 0)
			n = read(pipes[0], words, n);
		judge_all(words, n, offset, "a pipe");
		break;
	default:
		n = vmsplice(pipes[1], &there, 1, SPLICE_F_NONBLOCK);
		/* Now and then the page is held for longer */
		if (n > 0 && rng_percent(r, 10))
			touch_some(r);
		if (n > 0)
			n = read(pipes[0], words, n);
		judge_all(words, n, offset, "vmsplice");
	}
}
