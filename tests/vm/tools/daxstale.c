// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxstale DEVICE ALIGN HOW FIFO: a thread maps a unit of ALIGN bytes, stores to it, has the
 * kernel take it for broken, and goes on storing to the same address. HOW:
 *   cold       madvise(MADV_COLD)
 *   pageout    madvise(MADV_PAGEOUT)
 *   protect    mprotect() to read only
 *   move       mremap() to another place
 * Says "before: going" if the stores still succeed, or by which signal they ended; and
 * "after: ..." the same when FIFO has been opened.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_COLD
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif

static volatile unsigned long stores;
static volatile sig_atomic_t ended, is_broken;
static const char *how;
static char *unit, *place;
static size_t align;

static void die(const char *what)
{
	printf("daxstale: %s: %s\n", what, strerror(errno));
	_exit(2);
}

static void caught(int sig)
{
	ended = sig;
	for (;;)
		pause();
}

static void be_on(int cpu)
{
	const struct sched_param first = { .sched_priority = 1 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
	/* Who else runs here would have the CPU forget the entry */
	if (cpu && sched_setscheduler(0, SCHED_FIFO, &first))
		die("sched_setscheduler");
}

static int have_it_broken(void)
{
	if (!strcmp(how, "cold"))
		return madvise(unit, align, MADV_COLD);
	if (!strcmp(how, "pageout"))
		return madvise(unit, align, MADV_PAGEOUT);
	if (!strcmp(how, "protect"))
		return mprotect(unit, align, PROT_READ);
	return mremap(unit, align, align, MREMAP_MAYMOVE | MREMAP_FIXED,
		      place) == MAP_FAILED;
}

static void *store(void *unused)
{
	volatile unsigned long *word = (unsigned long *)unit;

	be_on(1);
	*word = stores;
	if (have_it_broken())
		die(how);
	is_broken = 1;
	for (;;) {
		*word = stores;
		stores++;
	}
	return unused;
}

/* Where all is slow, the thread may not have been on its CPU yet */
static void tell(const char *when)
{
	unsigned long start;
	int i;

	for (i = 0; i < 100 && !is_broken && !ended; i++)
		usleep(100000);
	start = stores;
	for (i = 0; i < 100 && stores == start && !ended; i++)
		usleep(100000);
	start = stores;
	usleep(100000);
	printf("%s: %s\n", when,
	       stores != start ? "going" :
	       ended	       ? strsignal(ended) :
				 "standing still");
}

/* Room for a unit at an address that is one's */
static char *room(void)
{
	char *any = mmap(NULL, 2 * align, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (any == MAP_FAILED)
		die("mmap");
	return any + (-(unsigned long)any & (align - 1));
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int fd;

	if (argc != 5) {
		fprintf(stderr, "usage: daxstale DEVICE ALIGN HOW FIFO\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	align = strtoull(argv[2], NULL, 0);
	how = argv[3];
	signal(SIGSEGV, caught);
	signal(SIGBUS, caught);
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		die(argv[1]);
	place = room();
	unit = mmap(room(), align, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_FIXED, fd, 0);
	if (unit == MAP_FAILED)
		die("mmap");
	be_on(0);
	if (pthread_create(&thread, NULL, store, NULL))
		die("pthread_create");
	tell("before");
	if (open(argv[4], O_RDONLY) < 0)
		die(argv[4]);
	tell("after");
	_exit(0);
}
