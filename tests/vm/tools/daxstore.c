// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxstore DEVICE LENGTH BYTE: map so much, store the byte at its start, flush it, and say
 * what became of either, a line each. Without BYTE: say which one is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static sigjmp_buf jump;

static void caught(int sig)
{
	siglongjmp(jump, sig);
}

int main(int argc, char **argv)
{
	volatile unsigned char *p;
	size_t length;
	int fd, sig;

	if (argc < 3 || argc > 4)
		return 2;
	length = strtoull(argv[2], NULL, 0);
	fd = open(argv[1], O_RDWR);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	p = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGBUS, caught);
	sig = sigsetjmp(jump, 1);
	if (sig) {
		printf("store: %s\n", strsignal(sig));
		return 0;
	}
	if (argc == 3) {
		printf("%u\n", *p);
		return 0;
	}
	*p = strtoul(argv[3], NULL, 0);
	printf("store: ok\n");
	printf("flush: %s\n", fsync(fd) ? strerror(errno) : "ok");
	return 0;
}
