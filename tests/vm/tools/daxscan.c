// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every word of the data is made to say where it is, so that whatever else can be read
 * through a device node is found.
 *
 * daxscan DEVICE SIZE ALIGN fill   fill the data
 * daxscan DEVICE SIZE ALIGN scan   look at every word that can be mapped, from below the
 *                                  data to beyond it, in all the ways there are
 * daxscan FILE OFFSET image        look at the words of a whole file, whose data is at OFFSET
 *
 * Prints "KEY VALUE" lines; words are of 8 bytes, foreign ones are no data.
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
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *device;
static uint64_t size, align;
static int fd;
static sigjmp_buf jump;

/* Words that could be read: as they should be, of another place, or no data; and units that
 * gave SIGBUS
 */
static uint64_t good, moved, foreign, buses;

static void die(const char *what)
{
	fprintf(stderr, "daxscan: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void caught(int sig)
{
	siglongjmp(jump, sig);
}

/* What the word at a byte of the data is filled with, and the other way round */
static uint64_t word_of(uint64_t offset)
{
	return offset ^ 0x5aa5c33c0f96e187;
}

static void judge(uint64_t word, uint64_t offset)
{
	const uint64_t place = word_of(word);

	if (offset < size && place == offset) {
		good++;
	} else if (place < size && !(place & 7)) {
		moved++;
	} else if (!foreign++) {
		printf("first %#llx at %#llx\n", (unsigned long long)word,
		       (unsigned long long)offset);
	}
}

/* Memory that is mapped as of @offset of the device, a unit at a time */
static void look(const void *p, uint64_t len, uint64_t offset)
{
	const volatile uint64_t *words = p;
	volatile uint64_t unit, i;

	for (unit = 0; unit < len; unit += align) {
		if (sigsetjmp(jump, 1)) {
			buses++;
			continue;
		}
		for (i = unit; i < unit + align && i < len; i += 8)
			judge(words[i / 8], offset + i);
	}
}

/* The same for all of the data; a signal ends it */
static void look_all(const uint64_t *words)
{
	uint64_t i;

	if (sigsetjmp(jump, 1)) {
		puts("signal 1");
		return;
	}
	for (i = 0; i < size; i += 8)
		judge(words[i / 8], i);
}

static char *map_at(void *where, uint64_t len, uint64_t offset, int flags)
{
	char *p = (char *)syscall(SYS_mmap, where, len, PROT_READ | PROT_WRITE,
				  flags | MAP_SHARED, fd, offset);

	return p == MAP_FAILED ? NULL : p;
}

static void try_map(uint64_t len, uint64_t offset)
{
	char *p = map_at(NULL, len, offset, 0);

	if (!p)
		return;
	look(p, len, offset);
	munmap(p, len);
}

/* Offsets from which a sum could come round to what lies before the data */
static void beyond(void)
{
	uint64_t back;

	try_map(4 * align, size - align);
	try_map(align, size);
	try_map(align, size + align);
	for (back = align; back <= 16 * align; back += align) {
		try_map(align, -back);
		try_map(align, (1ULL << 63) - back);
		try_map(align, (1ULL << 52) - back);
		try_map(2 * align, (1ULL << 44) - back);
	}
	for (back = 4096; back < align; back *= 2) {
		try_map(align, back);
		try_map(align, size - back);
		try_map(back, 0);
	}
}

static void grown(void)
{
	char *p = map_at(NULL, align, size - align, 0), *q;

	if (!p)
		die("mmap of the last unit");
	q = mremap(p, align, 4 * align, MREMAP_MAYMOVE);
	if (q != MAP_FAILED)
		p = q;
	look(p, 4 * align, size - align);
	/* Another window of the same mapping */
	if (!syscall(SYS_remap_file_pages, p, align, 0, (size + align) / 4096,
		     0))
		look(p, align, size + align);
	munmap(p, 4 * align);
}

static void placed(void)
{
	char *room = mmap(NULL, 4 * align, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *aligned, *p;

	if (room == MAP_FAILED)
		die("mmap");
	aligned = (char *)(((uintptr_t)room + align - 1) & -align);
	p = map_at(aligned + 4096, align, 0, MAP_FIXED);
	if (p)
		look(p, align, 0);
	p = map_at(aligned, 2 * align, size - align, MAP_FIXED);
	if (p) {
		madvise(p, 2 * align, MADV_WILLNEED);
		madvise(p, 2 * align, MADV_HUGEPAGE);
		madvise(p, 2 * align, 22 /* MADV_POPULATE_READ */);
		mlock(p, 2 * align);
		look(p, 2 * align, size - align);
	}
	munmap(room, 4 * align);
}

/* Who reads for us, and from where: none may give a word */
static void by_others(void)
{
	char *p = map_at(NULL, 2 * align, size - align, 0);
	struct iovec local, remote;
	uint64_t word;
	int out = open("/dev/null", O_WRONLY), mem, pipes[2];
	unsigned int given = 0;

	if (!p || out < 0 || pipe(pipes))
		die("mmap");
	given += pread(fd, &word, 8, 0) > 0;
	given += pread(fd, &word, 8, size) > 0;
	given += pwrite(fd, &word, 8, size) > 0;
	given += sendfile(out, fd, NULL, 4096) > 0;
	given += splice(fd, NULL, pipes[1], NULL, 4096, 0) > 0;
	given += ioctl(fd, FIONREAD, &word) == 0;
	local = (struct iovec){ &word, 8 };
	remote = (struct iovec){ p + align, 8 };
	given += process_vm_readv(getpid(), &local, 1, &remote, 1, 0) > 0;
	mem = open("/proc/self/mem", O_RDONLY);
	given += mem >= 0 && pread(mem, &word, 8, (uintptr_t)p + align) > 0;
	given += write(pipes[1], p + align, 8) > 0;
	given += vmsplice(pipes[1], &remote, 1, 0) > 0;
	printf("given %u\n", given);
	munmap(p, 2 * align);
}

static void scan(void)
{
	char *p = map_at(NULL, size, 0, 0);

	if (!p)
		die("mmap");
	look_all((uint64_t *)p);
	printf("good %llu\n", (unsigned long long)good);
	beyond();
	grown();
	placed();
	by_others();
	printf("foreign %llu\nmoved %llu\nbuses %llu\n",
	       (unsigned long long)foreign, (unsigned long long)moved,
	       (unsigned long long)buses);
}

static void fill(void)
{
	uint64_t *words = (uint64_t *)map_at(NULL, size, 0, 0), i;

	if (!words)
		die("mmap");
	for (i = 0; i < size; i += 8)
		words[i / 8] = word_of(i);
}

/* As if all of a namespace could be mapped */
static void image(const char *file, uint64_t data)
{
	uint64_t head = 0, pointers = 0, i;
	const uint64_t *words;
	struct stat st;

	fd = open(file, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		die(file);
	words = mmap(NULL, st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (words == MAP_FAILED)
		die(file);
	size = st.st_size - data;
	/* Zero is what the file starts with */
	for (i = 0; i < data; i += 8) {
		head += !!words[i / 8];
		pointers += words[i / 8] >> 56 == 0xff && words[i / 8] + 1;
	}
	for (; i < (uint64_t)st.st_size; i += 8)
		judge(words[i / 8], i - data);
	printf("head %llu\npointers %llu\ngood %llu\nforeign %llu\n",
	       (unsigned long long)head, (unsigned long long)pointers,
	       (unsigned long long)good, (unsigned long long)foreign);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[3], "image")) {
		image(argv[1], strtoull(argv[2], NULL, 0));
		return 0;
	}
	if (argc != 5) {
		fprintf(stderr,
			"usage: daxscan DEVICE SIZE ALIGN fill|scan, or FILE OFFSET image\n");
		return 2;
	}
	device = argv[1];
	size = strtoull(argv[2], NULL, 0);
	align = strtoull(argv[3], NULL, 0);
	fd = open(device, O_RDWR);
	if (fd < 0)
		die(device);
	signal(SIGBUS, caught);
	signal(SIGSEGV, caught);
	if (!strcmp(argv[4], "fill"))
		fill();
	else if (!strcmp(argv[4], "scan"))
		scan();
	else
		return 2;
	return 0;
}
