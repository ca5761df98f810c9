// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxflush DEVICE SIZE sync|shared STEP...: map so much, with MAP_SYNC or without, and do what
 * is asked for, saying what became of it, a line each:
 *   store:OFFSET           store a byte
 *   msync:OFFSET:LENGTH    flush a part
 *   fsync                  flush all of it
 *   poison:OFFSET          have the page's memory fail
 *   guard:OFFSET           a guard region in a page, as of Linux 6.15
 *   fork                   a child that ends at once
 *   unmap                  all of it
 *   wait                   say so, until there is something to read, or an end
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Linux 6.15 */
#define GUARD_INSTALL 102

static void say(const char *what, int rc)
{
	printf("%s: %s\n", what, rc ? strerror(errno) : "ok");
}

int main(int argc, char **argv)
{
	int flags = MAP_SHARED_VALIDATE;
	unsigned long long from, len;
	size_t size;
	pid_t child;
	char *p;
	int fd, i;

	if (argc < 4)
		return 2;
	size = strtoull(argv[2], NULL, 0);
	if (!strcmp(argv[3], "sync"))
		flags |= MAP_SYNC;
	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = open(argv[1], O_RDWR);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
	say("map", p == MAP_FAILED);
	if (p == MAP_FAILED)
		return 0;
	for (i = 4; i < argc; i++) {
		if (sscanf(argv[i], "store:%lli", (long long *)&from) == 1)
			*(volatile char *)(p + from) = 42;
		else if (sscanf(argv[i], "msync:%lli:%lli", (long long *)&from,
				(long long *)&len) == 2)
			say(argv[i], msync(p + from, len, MS_SYNC));
		else if (!strcmp(argv[i], "fsync"))
			say(argv[i], fsync(fd));
		else if (sscanf(argv[i], "poison:%lli", (long long *)&from) ==
			 1)
			say(argv[i], madvise(p + from, 4096, MADV_HWPOISON));
		else if (sscanf(argv[i], "guard:%lli", (long long *)&from) == 1)
			say(argv[i], madvise(p + from, 4096, GUARD_INSTALL));
		else if (!strcmp(argv[i], "unmap"))
			say(argv[i], munmap(p, size));
		else if (!strcmp(argv[i], "fork")) {
			child = fork();
			if (!child)
				_exit(0);
			say(argv[i], child < 0 || waitpid(child, NULL, 0) < 0);
		} else if (!strcmp(argv[i], "wait")) {
			printf("waiting\n");
			if (read(STDIN_FILENO, &from, 1) < 0)
				perror("stdin");
		} else
			return 2;
	}
	return 0;
}
