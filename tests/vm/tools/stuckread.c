// SPDX-License-Identifier: GPL-2.0-only
/*
 * stuckread FILE: read it into memory that is never filled in, and never come back: the
 * kernel waits for userfaultfd's handler, of which there is none. Needs root.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int file, uffd;
	void *p;

	if (argc != 2)
		return 2;
	file = open(argv[1], O_RDONLY);
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (file < 0 || uffd < 0 || p == MAP_FAILED ||
	    ioctl(uffd, UFFDIO_API, &api)) {
		perror(argv[1]);
		return 1;
	}
	reg.range.start = (unsigned long)p;
	reg.range.len = 4096;
	if (ioctl(uffd, UFFDIO_REGISTER, &reg)) {
		perror("userfaultfd");
		return 1;
	}
	printf("reading\n");
	fflush(stdout);
	printf("read %zd bytes\n", read(file, p, 4096));
	return 0;
}
