// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxpmdk badblocks DEVICE   through libpmem2: count the bad blocks of a device
 * daxpmdk map DEVICE         through libpmem: map all of a device, write, persist
 *
 * Says in one line what came of it; the status is 1 where a library refuses.
 */
#include <errno.h>
#include <fcntl.h>
#include <libpmem.h>
#include <libpmem2.h>
#include <stdio.h>
#include <string.h>

static int badblocks(const char *name)
{
	struct pmem2_badblock_context *context;
	struct pmem2_source *source;
	struct pmem2_badblock block;
	int fd = open(name, O_RDWR);
	int rc, n = 0;

	if (fd < 0) {
		printf("open: %s\n", strerror(errno));
		return 1;
	}
	rc = pmem2_source_from_fd(&source, fd);
	if (!rc)
		rc = pmem2_badblock_context_new(&context, source);
	if (rc) {
		printf("badblocks: %d, %s\n", rc, pmem2_errormsg());
		return 1;
	}
	while (!pmem2_badblock_next(context, &block))
		n++;
	printf("badblocks: %d\n", n);
	return 0;
}

static int map(const char *name)
{
	size_t size;
	int is_pmem;
	char *data = pmem_map_file(name, 0, 0, 0, &size, &is_pmem);

	if (!data) {
		printf("map: %s\n", pmem_errormsg());
		return 1;
	}
	pmem_memset_persist(data, 0x5a, 4096);
	printf("map: %zu, is_pmem %d\n", size, is_pmem);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "badblocks"))
		return badblocks(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "map"))
		return map(argv[2]);
	fprintf(stderr, "usage: daxpmdk badblocks|map DEVICE\n");
	return 2;
}
