// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxwp DEVICE ALIGN: protect mapped data with userfaultfd in the way that any kind of
 * memory takes since Linux 6.7, and say what becomes of loads and stores, a line each.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Headers of older kernels do not know it */
#define FEATURE_WP_ASYNC (1 << 15)

static sigjmp_buf jump;

static void caught(int sig)
{
	siglongjmp(jump, sig);
}

/* A fault that comes again and again ends with the alarm */
static void touch(const char *what, volatile char *p, int store)
{
	int sig = sigsetjmp(jump, 1);

	if (!sig) {
		alarm(5);
		if (store)
			*p = 1;
		else
			(void)*p;
	}
	alarm(0);
	printf("%s: %s\n", what, sig ? strsignal(sig) : "ok");
}

static int protect(int uffd, char *p, size_t length, int on)
{
	struct uffdio_writeprotect wp = { 0 };

	wp.range.start = (unsigned long)p;
	wp.range.len = length;
	wp.mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0;
	return ioctl(uffd, UFFDIO_WRITEPROTECT, &wp);
}

int main(int argc, char **argv)
{
	struct uffdio_api api = { .api = UFFD_API,
				  .features = FEATURE_WP_ASYNC };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_WP };
	size_t align, length;
	int fd, uffd;
	char *p;

	if (argc != 3)
		return 2;
	align = strtoull(argv[2], NULL, 0);
	length = 3 * align;
	fd = open(argv[1], O_RDWR);
	p = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (uffd < 0) {
		perror("userfaultfd");
		return 1;
	}
	if (ioctl(uffd, UFFDIO_API, &api)) {
		printf("not known to this kernel\n");
		return 0;
	}
	signal(SIGBUS, caught);
	signal(SIGALRM, caught);

	touch("store before", p, 1);
	reg.range.start = (unsigned long)p;
	reg.range.len = length;
	if (ioctl(uffd, UFFDIO_REGISTER, &reg) || protect(uffd, p, length, 1)) {
		perror("userfaultfd");
		return 1;
	}
	touch("load of what was mapped", p, 0);
	touch("store to what was mapped", p, 1);
	touch("load of what was not", p + align, 0);
	touch("store to what was not", p + 2 * align, 1);
	protect(uffd, p, length, 0);
	touch("load without", p + align, 0);
	touch("store without", p + 2 * align, 1);
	return 0;
}
