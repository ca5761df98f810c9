// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxfill DEVICE SIZE fill SEED   write a pattern over SIZE bytes
 * daxfill DEVICE SIZE sum         print a checksum over SIZE bytes
 *
 * DEVICE is a device-dax node, or anything else that can be mapped shared.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const uint64_t prime = 0x9e3779b97f4a7c15u;

static void fill(uint64_t *words, size_t count, uint64_t seed)
{
	uint64_t value = seed;
	size_t i;

	for (i = 0; i < count; i++) {
		value += prime;
		words[i] = value ^ (value >> 29);
	}
}

/* Every word and its place count: each step can be undone, so none is lost */
static uint64_t sum(const uint64_t *words, size_t count)
{
	uint64_t hash = count;
	size_t i;

	for (i = 0; i < count; i++) {
		hash = (hash ^ words[i]) * prime;
		hash ^= hash >> 32;
	}
	return hash;
}

int main(int argc, char **argv)
{
	uint64_t *words;
	size_t size;
	int fd;

	if (argc < 4) {
		fprintf(stderr, "usage: daxfill DEVICE SIZE fill SEED | sum\n");
		return 2;
	}
	size = strtoull(argv[2], NULL, 0);
	fd = open(argv[1], O_RDWR);
	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	words = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (words == MAP_FAILED) {
		fprintf(stderr, "%s: mmap of %zu bytes: %s\n", argv[1], size,
			strerror(errno));
		return 1;
	}
	if (!strcmp(argv[3], "fill") && argc == 5)
		fill(words, size / 8, strtoull(argv[4], NULL, 0));
	printf("%016" PRIx64 "\n", sum(words, size / 8));
	return 0;
}
