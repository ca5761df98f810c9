// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxrules DEVICE SIZE ALIGN: try what the rules of mapping allow and forbid, a line
 * each, so that two devices can be compared. Writes to the data.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP /* before glibc 2.32 */
#define MREMAP_DONTUNMAP 4
#endif

#ifndef MAP_SYNC
#define MAP_SYNC 0x80000
#endif

static const char *device;
static size_t size, align;
static int fd;
static sigjmp_buf jump;
static volatile sig_atomic_t touching;

static void caught(int sig)
{
	if (!touching) {
		fprintf(stderr, "daxrules: unexpected signal %d\n", sig);
		_exit(1);
	}
	siglongjmp(jump, sig);
}

/* "ok" or the signal that touching @p gives */
static const char *touch(volatile char *p, int write)
{
	int sig = sigsetjmp(jump, 1);

	touching = !sig;
	if (sig)
		return strsignal(sig);
	if (write)
		*p = 42;
	else
		(void)*p;
	touching = 0;
	return "ok";
}

static const char *result(void *p)
{
	return p == MAP_FAILED ? strerror(errno) : "ok";
}

static char *map(size_t len, int prot, int flags, off_t offset)
{
	return mmap(NULL, len, prot, flags, fd, offset);
}

/* One fact a line, so that nothing depends on an order of evaluation */
static void fact(const char *what, const char *value)
{
	printf("%s: %s\n", what, value);
}

static void outcome(const char *what, int failed)
{
	fact(what, failed ? strerror(errno) : "ok");
}

static void rules_of_mmap(void)
{
	const int rw = PROT_READ | PROT_WRITE;
	char *p;

	p = map(align, rw, MAP_SHARED, 0);
	fact("shared", result(p));
	fact("address in units of align",
	     (uintptr_t)p & (align - 1) ? "no" : "yes");
	fact("read the first byte", touch(p, 0));
	fact("write the first byte", touch(p, 1));
	munmap(p, align);

	fact("private", result(map(align, rw, MAP_PRIVATE, 0)));
	p = map(align, rw, MAP_SHARED_VALIDATE | MAP_SYNC, 0);
	fact("sync", result(p));
	munmap(p, align);
	fact("unknown flag",
	     result(map(align, rw, MAP_SHARED_VALIDATE | 1 << 25, 0)));
	fact("no length", result(map(0, rw, MAP_SHARED, 0)));
	fact("length that overflows",
	     result(map(-align, rw, MAP_SHARED, align)));
	fact("offset that overflows",
	     result(map(align, rw, MAP_SHARED, -align)));
	fact("offset within a page", result(map(align, rw, MAP_SHARED, 512)));
	if (align > 4096) {
		fact("length below align",
		     result(map(align / 2, rw, MAP_SHARED, 0)));
		fact("length beside align",
		     result(map(align + 4096, rw, MAP_SHARED, 0)));
		fact("offset beside align",
		     result(map(align, rw, MAP_SHARED, 4096)));
	}

	p = map(align, rw, MAP_SHARED, size - align);
	fact("last unit", result(p));
	fact("write the last byte", touch(p + align - 1, 1));
	munmap(p, align);
	p = map(2 * align, rw, MAP_SHARED, size - align);
	fact("over the end", result(p));
	fact("write before the end", touch(p, 1));
	fact("write behind the end", touch(p + align, 1));
	munmap(p, 2 * align);
	p = map(align, rw, MAP_SHARED, size);
	fact("all behind the end", result(p));
	fact("read behind the end", touch(p, 0));
	munmap(p, align);
}

static void rules_of_files(void)
{
	char byte = 0;
	int ro;

	outcome("read()", read(fd, &byte, 1) < 0);
	outcome("write()", write(fd, &byte, 1) < 0);
	outcome("truncate", ftruncate(fd, 0));
	outcome("fallocate", fallocate(fd, 0, 0, align));
	ro = open(device, O_RDONLY);
	fact("writable mapping of a read-only file",
	     result(mmap(NULL, align, PROT_READ | PROT_WRITE, MAP_SHARED, ro,
			 0)));
	fact("readable mapping of a read-only file",
	     result(mmap(NULL, align, PROT_READ, MAP_SHARED, ro, 0)));
	close(ro);
}

/* What a child that touches @p ends with */
static const char *in_child(char *p, int write)
{
	static char text[64];
	int status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		if (write)
			*(volatile char *)p = 77;
		_exit(*(volatile char *)p);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "%s", strsignal(WTERMSIG(status)));
	else
		snprintf(text, sizeof(text), "reads %d", WEXITSTATUS(status));
	return text;
}

static void rules_of_fork(char *p)
{
	*p = 11;
	fact("child", in_child(p, 0));
	fact("child that writes", in_child(p, 1));
	fact("parent after it", *p == 77 ? "reads 77" : "reads another");
	outcome("dontfork", madvise(p, 4 * align, MADV_DONTFORK));
	fact("child without it", in_child(p, 0));
	outcome("dofork", madvise(p, 4 * align, MADV_DOFORK));
	fact("child with it", in_child(p, 0));
}

static void rules_of_parts(char *p)
{
	const int rw = PROT_READ | PROT_WRITE;
	char *q;

	outcome("read-only", mprotect(p, align, PROT_READ));
	fact("write to it", touch(p, 1));
	fact("write behind it", touch(p + align, 1));
	outcome("writable again", mprotect(p, align, rw));
	fact("write to it again", touch(p, 1));
	if (align > 4096)
		outcome("read-only for a part of a unit",
			mprotect(p, 4096, PROT_READ));

	outcome("unmap the second unit", munmap(p + align, align));
	fact("first unit", touch(p, 1));
	fact("second unit", touch(p + align, 1));
	fact("third unit", touch(p + 2 * align, 1));
	if (align > 4096)
		outcome("unmap a part of a unit", munmap(p, 4096));

	p[0] = 21;
	q = mremap(p, align, align, MREMAP_MAYMOVE | MREMAP_FIXED, p + align);
	fact("move by one unit", result(q));
	if (q != MAP_FAILED)
		fact("moved", *q == 21 ? "reads 21" : "reads another");
	fact("old place", touch(p, 0));
}

static void rules_of_vma(void)
{
	char *p = map(align, PROT_READ | PROT_WRITE, MAP_SHARED, 0), *q;

	*p = 31;
	outcome("dontdump", madvise(p, align, MADV_DONTDUMP));
	outcome("dodump", madvise(p, align, MADV_DODUMP));
	q = mremap(p, 0, align, MREMAP_MAYMOVE);
	fact("map it twice", result(q));
	if (q != MAP_FAILED) {
		fact("second mapping", *q == 31 ? "reads 31" : "reads another");
		munmap(q, align);
	}
	q = mremap(p, align, align, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	fact("move and stay", result(q));
	if (q != MAP_FAILED) {
		fact("new place", *q == 31 ? "reads 31" : "reads another");
		munmap(q, align);
	}
	munmap(p, align);
}

static void rules_of_memory(void)
{
	const int rw = PROT_READ | PROT_WRITE;
	char *p = map(4 * align, rw, MAP_SHARED, 0), *q;
	unsigned char resident = 0;

	rules_of_fork(p);
	outcome("dontneed", madvise(p, align, MADV_DONTNEED));
	fact("after dontneed", *p == 77 ? "reads 77" : "reads another");
	outcome("remove", madvise(p, align, MADV_REMOVE));
	outcome("nohugepage", madvise(p, align, MADV_NOHUGEPAGE));
	outcome("hugepage", madvise(p, align, MADV_HUGEPAGE));
	outcome("mlock", mlock(p, align));
	munlock(p, align);
	outcome("mincore", mincore(p, 4096, &resident));
	rules_of_parts(p);
	munmap(p, 4 * align);

	p = map(2 * align, rw, MAP_SHARED, 0);
	q = mremap(p, 2 * align, align, 0);
	fact("shrink", result(q));
	fact("kept", touch(p, 1));
	fact("cut off", touch(p + align, 0));
	q = mremap(p, align, 2 * align, 0);
	fact("grow in place", result(q));
	if (q != MAP_FAILED)
		fact("new part", touch(p + align, 1));
	munmap(p, 2 * align);
	rules_of_vma();
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: daxrules DEVICE SIZE ALIGN\n");
		return 2;
	}
	device = argv[1];
	size = strtoull(argv[2], NULL, 0);
	align = strtoull(argv[3], NULL, 0);
	fd = open(device, O_RDWR);
	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", device, strerror(errno));
		return 1;
	}
	signal(SIGSEGV, caught);
	signal(SIGBUS, caught);
	setvbuf(stdout, NULL, _IONBF, 0);

	rules_of_mmap();
	rules_of_files();
	rules_of_memory();
	return 0;
}
