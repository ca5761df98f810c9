// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxpmem2 DEVICE LENGTH   through libpmem2: map LENGTH bytes of a device, write,
 *                          persist, flush deeply, map it anew and read
 *
 * Each step is a line "what: value". It ends at the first that fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <libpmem2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const granularity[] = {
	[PMEM2_GRANULARITY_BYTE] = "byte",
	[PMEM2_GRANULARITY_CACHE_LINE] = "cache line",
	[PMEM2_GRANULARITY_PAGE] = "page",
};

static void check(int rc, const char *what)
{
	if (!rc)
		return;
	printf("%s: %d, %s\n", what, rc, pmem2_errormsg());
	exit(1);
}

static struct pmem2_source *open_source(const char *name, int *fd)
{
	struct pmem2_source *source;

	*fd = open(name, O_RDWR);
	if (*fd < 0) {
		printf("open: %s\n", strerror(errno));
		exit(1);
	}
	check(pmem2_source_from_fd(&source, *fd), "source");
	return source;
}

static struct pmem2_map *map(struct pmem2_source *source, size_t length)
{
	struct pmem2_config *config;
	struct pmem2_map *map;

	check(pmem2_config_new(&config), "config");
	check(pmem2_config_set_required_store_granularity(
		      config, PMEM2_GRANULARITY_PAGE),
	      "granularity");
	if (length)
		check(pmem2_config_set_length(config, length), "length");
	check(pmem2_map_new(&map, config, source), "map");
	pmem2_config_delete(&config);
	return map;
}

static void fill(char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		data[i] = i * 131 >> 3;
}

int main(int argc, char **argv)
{
	struct pmem2_source *source;
	size_t length, size, align;
	struct pmem2_map *m;
	char *data, *want;
	int fd;

	if (argc != 3) {
		fprintf(stderr, "usage: daxpmem2 DEVICE LENGTH\n");
		return 2;
	}
	length = strtoull(argv[2], NULL, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);

	source = open_source(argv[1], &fd);
	check(pmem2_source_alignment(source, &align), "alignment");
	printf("alignment: %zu\n", align);
	check(pmem2_source_size(source, &size), "size");
	printf("size: %zu\n", size);

	m = map(source, length);
	size = pmem2_map_get_size(m);
	data = pmem2_map_get_address(m);
	printf("mapped: %zu, granularity %s\n", size,
	       granularity[pmem2_map_get_store_granularity(m)]);

	want = malloc(size < 1 << 20 ? size : 1 << 20);
	size = size < 1 << 20 ? size : 1 << 20;
	fill(want, size);
	pmem2_get_memcpy_fn(m)(data, want, size, PMEM2_F_MEM_NONTEMPORAL);
	pmem2_get_persist_fn(m)(data, size);
	check(pmem2_deep_flush(m, data, size), "deep flush");
	printf("deep flush: ok\n");
	check(pmem2_map_delete(&m), "unmap");
	check(pmem2_source_delete(&source), "source");
	close(fd);

	source = open_source(argv[1], &fd);
	m = map(source, length);
	printf("read back: %s\n",
	       memcmp(pmem2_map_get_address(m), want, size) ? "wrong" : "ok");
	check(pmem2_map_delete(&m), "unmap");
	check(pmem2_source_delete(&source), "source");
	close(fd);
	return 0;
}
