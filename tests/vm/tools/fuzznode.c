// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzznode DEVICE SIZE ALIGN fill|check|SEED [CALLS PROCESSES]: any call on a device
 * node of SIZE bytes of data, from several processes at once; first "fill" the data, and
 * "check" all of it afterwards. Ends with 1 if anything is seen that is not of the data,
 * or if something works that must not.
 * fuzznode image FILE SIZE: the same of a whole namespace in a file with its end there.
 * fill and image take a last argument, 0 or 1: which of two namespaces the words are of.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nodecalls.h"
#include "nodemaps.h"

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static int space = -1;

static u64 *map_all(const char *path, u64 size, int flags, off_t offset)
{
	int fd = open(path, flags);
	u64 *p;

	if (fd < 0)
		die(path);
	p = mmap(NULL, size,
		 flags == O_RDONLY ? PROT_READ : PROT_READ | PROT_WRITE,
		 MAP_SHARED, fd, offset);
	if (p == MAP_FAILED)
		die("mmap");
	close(fd);
	return p;
}

static int fill(const char *device)
{
	u64 *words = map_all(device, data_size, O_RDWR, 0), i;

	for (i = 0; i < data_size / 8; i++)
		words[i] = space < 0 ? word_of(8 * i, i) :
				       word_of_space(8 * i, space, i);
	return 0;
}

static int check(const u64 *words)
{
	u64 i, bad = 0;

	for (i = 0; i < data_size / 8; i++) {
		if (space < 0 ? is_word_of(words[i], 8 * i) :
				is_word_of_space(words[i], 8 * i, space))
			continue;
		if (!bad++)
			printf("# offset %#lx holds %#lx\n", 8 * i, words[i]);
	}
	printf("# %lu words of %lu are not of the data\n", bad, data_size / 8);
	return bad ? 1 : 0;
}

/* The two pages of the head are for the caller; up to the memmap nothing is written */
static int check_image(const char *path)
{
	u64 *all, size, i, bad = 0;
	struct stat st;

	if (stat(path, &st))
		die(path);
	size = st.st_size;
	all = map_all(path, size, O_RDONLY, 0);
	for (i = 8192 / 8; i < (2 << 20) / 8; i++)
		bad += !!all[i];
	printf("# %lu words before the memmap are not as they were\n", bad);
	return check(all + (size - data_size) / 8) || bad;
}

static void one_process(const char *device, u64 align, u64 seed, u64 calls,
			int which)
{
	struct rng r = rng_of(seed, which);
	struct caller c = { .r = &r, .device = device, .align = align };
	u64 i;

	calls_begin(&c);
	for (i = 0; i < calls && tally->wrong < 20; i++)
		calls_one(&c, 1);
	exit(0);
}

static int run(const char *device, u64 align, u64 seed, u64 calls,
	       int processes)
{
	int i, status, bad = 0;

	for (i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (!pid)
			one_process(device, align, seed, calls, i);
		if (pid < 0)
			die("fork");
	}
	while (wait(&status) > 0) {
		if (status)
			printf("# a process ended with status %#x\n", status);
		bad += !!status;
	}
	printf("calls %lu\nmapped %lu\nloads %lu\nstores %lu\nbus_errors %lu\ncopies %lu\nwrong %lu\ndied %d\n",
	       tally->calls, tally->mapped, tally->loads, tally->stores,
	       tally->buses, tally->copies, tally->wrong, bad);
	return bad || tally->wrong;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if ((argc == 4 || argc == 5) && !strcmp(argv[1], "image")) {
		if (argc == 5)
			space = atoi(argv[4]);
		data_size = strtoull(argv[3], NULL, 0);
		return check_image(argv[2]);
	}
	if (argc < 5) {
		fprintf(stderr,
			"usage: fuzznode DEVICE SIZE ALIGN fill|check|SEED [CALLS PROCESSES]\n");
		return 2;
	}
	data_size = strtoull(argv[2], NULL, 0);
	if (!strcmp(argv[4], "fill")) {
		if (argc == 6)
			space = atoi(argv[5]);
		return fill(argv[1]);
	}
	if (!strcmp(argv[4], "check"))
		return check(map_all(argv[1], data_size, O_RDWR, 0));
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED || argc < 7)
		die("arguments");
	maps_init(argv[1]);
	return run(argv[1], strtoull(argv[3], NULL, 0),
		   strtoull(argv[4], NULL, 0), strtoull(argv[5], NULL, 0),
		   atoi(argv[6]));
}
