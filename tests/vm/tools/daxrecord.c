// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxrecord say WORD...
 *	print a line, and wait until it is out of the serial port
 * daxrecord DEVICE write SIZE GENERATION SEQUENCE COUNT SEED fsync|msync|sync
 *	store COUNT records at places that SEED chooses, 0: at all places. Before,
 *	"writing SEQUENCE OFFSET..." says where; "flushing SEQUENCE" comes next, and
 *	"flushed OFFSET LENGTH SEQUENCE" after the flush of each
 * daxrecord DEVICE scan BASE SIZE GENERATION
 *	"record OFFSET LENGTH [SEQUENCE:WORDS...] [foreign:WORDS]" for each place
 *
 * A record says in every word of 8 bytes which one it is, so that a torn one shows
 * what it consists of: the upper half is the sequence number, the lower half a hash of
 * that, of the generation and of the word's place. DEVICE may be a file, where the
 * data start at BASE.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include <emmintrin.h>

#define LENGTH 65536u
#define PLACES 128u
#define WORDS (LENGTH / 8)
#define LINE 64u
#define KINDS 8

enum flush {
	FLUSH_FSYNC,
	FLUSH_MSYNC,
	FLUSH_LINES
};

static void die(const char *what)
{
	fprintf(stderr, "daxrecord: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Who kills the machine has to know all that was said */
static void drain(void)
{
	fflush(stdout);
	if (tcdrain(STDOUT_FILENO) && errno != ENOTTY && errno != EINVAL)
		die("tcdrain");
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static uint64_t word(uint32_t generation, uint32_t sequence, uint64_t offset)
{
	uint64_t key = (uint64_t)generation << 32 | sequence;

	return (uint64_t)sequence << 32 | (uint32_t)mix(mix(key) + offset);
}

/* The first and the last bytes of the data are among them */
static uint64_t place(uint64_t size, unsigned int n)
{
	return (size - LENGTH) / 4096 * n / (PLACES - 1) * 4096;
}

static void scan_one(const uint64_t *words, uint64_t offset,
		     uint32_t generation)
{
	struct {
		uint32_t sequence;
		unsigned int words;
	} kinds[KINDS];
	unsigned int i, k, used = 0, foreign = 0;

	for (i = 0; i < WORDS; i++) {
		uint64_t value = words[i];
		uint32_t sequence = value >> 32;

		if (!sequence ||
		    value != word(generation, sequence, offset + 8 * i)) {
			foreign++;
			continue;
		}
		for (k = 0; k < used && kinds[k].sequence != sequence; k++)
			;
		if (k == KINDS) {
			foreign++;
			continue;
		}
		if (k == used) {
			kinds[used].sequence = sequence;
			kinds[used++].words = 0;
		}
		kinds[k].words++;
	}
	printf("record %" PRIu64 " %u", offset, LENGTH);
	for (k = 0; k < used; k++)
		printf(" %" PRIu32 ":%u", kinds[k].sequence, kinds[k].words);
	if (foreign)
		printf(" foreign:%u", foreign);
	printf("\n");
}

static void flush_one(int fd, char *from, enum flush how)
{
	unsigned int i;

	if (how == FLUSH_FSYNC && fsync(fd))
		die("fsync");
	if (how == FLUSH_MSYNC && msync(from, LENGTH, MS_SYNC))
		die("msync");
	if (how == FLUSH_LINES) {
		for (i = 0; i < LENGTH; i += LINE)
			_mm_clflush(from + i);
		_mm_sfence();
	}
}

static void write_all(int fd, char *data, uint64_t size, char **args)
{
	uint32_t generation = strtoul(args[0], NULL, 16);
	uint32_t sequence = strtoul(args[1], NULL, 0);
	unsigned int count = strtoul(args[2], NULL, 0);
	uint64_t seed = strtoull(args[3], NULL, 0);
	uint64_t chosen[PLACES];
	enum flush how = FLUSH_LINES;
	unsigned int i, n = 0;

	if (!strcmp(args[4], "fsync"))
		how = FLUSH_FSYNC;
	else if (!strcmp(args[4], "msync"))
		how = FLUSH_MSYNC;
	for (i = 0; i < PLACES; i++)
		if (!seed || mix(seed * PLACES + i) % PLACES < count)
			chosen[n++] = place(size, i);

	printf("writing %" PRIu32, sequence);
	for (i = 0; i < n; i++)
		printf(" %" PRIu64, chosen[i]);
	printf("\n");
	drain();
	for (i = 0; i < n; i++) {
		uint64_t offset;

		for (offset = 0; offset < LENGTH; offset += 8)
			*(volatile uint64_t *)(data + chosen[i] + offset) =
				word(generation, sequence, chosen[i] + offset);
	}
	printf("flushing %" PRIu32 "\n", sequence);
	drain();
	for (i = 0; i < n; i++) {
		flush_one(fd, data + chosen[i], how);
		printf("flushed %" PRIu64 " %u %" PRIu32 "\n", chosen[i],
		       LENGTH, sequence);
		fflush(stdout);
	}
	drain();
}

int main(int argc, char **argv)
{
	int flags = MAP_SHARED, writes = 0, fd, i;
	uint64_t base = 0, size;
	unsigned int n;
	char *data;

	if (argc > 2 && !strcmp(argv[1], "say")) {
		for (i = 2; i < argc; i++)
			printf("%s%c", argv[i], i < argc - 1 ? ' ' : '\n');
		drain();
		return 0;
	}
	if (argc == 9 && !strcmp(argv[2], "write")) {
		writes = 1;
		size = strtoull(argv[3], NULL, 0);
	} else if (argc == 6 && !strcmp(argv[2], "scan")) {
		base = strtoull(argv[3], NULL, 0);
		size = strtoull(argv[4], NULL, 0);
	} else {
		fprintf(stderr, "usage: daxrecord say WORD... | DEVICE write "
				"SIZE GENERATION SEQUENCE COUNT SEED FLUSH | "
				"DEVICE scan BASE SIZE GENERATION\n");
		return 2;
	}
	if (size < (uint64_t)LENGTH * PLACES) {
		fprintf(stderr, "daxrecord: %" PRIu64 " bytes are too few\n",
			size);
		return 2;
	}
	/* What MAP_SYNC promises is what makes flushing lines enough */
	if (writes && !strcmp(argv[8], "sync"))
		flags = MAP_SHARED_VALIDATE | MAP_SYNC;
	fd = open(argv[1], writes ? O_RDWR : O_RDONLY);
	if (fd < 0)
		die(argv[1]);
	data = mmap(NULL, base + size, PROT_READ | (writes ? PROT_WRITE : 0),
		    flags, fd, 0);
	if (data == MAP_FAILED)
		die("mmap");
	if (writes) {
		write_all(fd, data, size, argv + 4);
		return 0;
	}
	for (n = 0; n < PLACES; n++) {
		uint64_t offset = place(size, n);

		scan_one((uint64_t *)(data + base + offset), offset,
			 strtoul(argv[5], NULL, 16));
	}
	drain();
	return 0;
}
