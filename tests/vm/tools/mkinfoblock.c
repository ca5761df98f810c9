// SPDX-License-Identifier: GPL-2.0-only
/*
 * mkinfoblock FILE [FIELD=VALUE ...]: write a devdax map=dev info block into the
 * file behind an emulated NVDIMM, as ndctl would for its whole size, or, with
 * fields given, as ndctl never would. FIELD is a field of the block, or
 *   signature=TEXT  at=OFFSET (of the block, 4096)  checksum=bad
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/infoblock.h"

#define MIB (1024ULL * 1024)

static const struct field {
	const char *name;
	int offset;
	int bytes;
} fields[] = {
	{ "flags", PMA_IB_FLAGS, 4 },
	{ "major", PMA_IB_MAJOR, 2 },
	{ "minor", PMA_IB_MINOR, 2 },
	{ "dataoff", PMA_IB_DATAOFF, 8 },
	{ "npfns", PMA_IB_NPFNS, 8 },
	{ "mode", PMA_IB_MODE, 4 },
	{ "start_pad", PMA_IB_START_PAD, 4 },
	{ "end_trunc", PMA_IB_END_TRUNC, 4 },
	{ "align", PMA_IB_ALIGN, 4 },
	{ "page_size", PMA_IB_PAGE_SIZE, 4 },
	{ "page_struct_size", PMA_IB_PAGE_STRUCT_SIZE, 2 },
	{ "parent_uuid", PMA_IB_PARENT_UUID, 8 },
};

static uint8_t block[PMA_INFOBLOCK_SIZE];

static void put(int offset, int bytes, uint64_t value)
{
	int i;

	for (i = 0; i < bytes; i++)
		block[offset + i] = value >> (8 * i);
}

static void set(const char *name, uint64_t value)
{
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!strcmp(fields[i].name, name)) {
			put(fields[i].offset, fields[i].bytes, value);
			return;
		}
	}
	fprintf(stderr, "mkinfoblock: no field %s\n", name);
	exit(2);
}

/* nd_pfn_init() for a range that starts and ends on 2 MiB */
static void set_defaults(uint64_t size)
{
	uint64_t memmap = 64 * ((size - 8192) / 4096);
	uint64_t dataoff = (8192 + memmap + 2 * MIB - 1) / (2 * MIB) * 2 * MIB;
	int i;

	memcpy(block, "NVDIMM_DAX_INFO", PMA_SIG_SIZE);
	for (i = 0; i < PMA_UUID_SIZE; i++)
		block[PMA_IB_UUID + i] = 0x10 + i;
	set("major", 1);
	set("minor", 4);
	set("dataoff", dataoff);
	set("npfns", (size - dataoff) / 4096);
	set("mode", PMA_MODE_PMEM);
	set("align", 2 * MIB);
	set("page_size", 4096);
	set("page_struct_size", 64);
}

int main(int argc, char **argv)
{
	off_t at = PMA_INFOBLOCK_OFFSET;
	int bad = 0, fd, i;
	struct stat st;

	if (argc < 2) {
		fprintf(stderr, "usage: mkinfoblock FILE [FIELD=VALUE ...]\n");
		return 2;
	}
	fd = open(argv[1], O_RDWR);
	if (fd < 0 || fstat(fd, &st)) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}

	set_defaults(st.st_size);
	for (i = 2; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (!value) {
			fprintf(stderr, "mkinfoblock: %s has no value\n",
				argv[i]);
			return 2;
		}
		*value++ = '\0';
		if (!strcmp(argv[i], "signature"))
			strncpy((char *)block, value, PMA_SIG_SIZE);
		else if (!strcmp(argv[i], "at"))
			at = strtoull(value, NULL, 0);
		else if (!strcmp(argv[i], "checksum"))
			bad = 1;
		else
			set(argv[i], strtoull(value, NULL, 0));
	}
	put(PMA_IB_CHECKSUM, 8, pma_infoblock_checksum(block) + bad);

	if (pwrite(fd, block, sizeof(block), at) != sizeof(block)) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	return close(fd) ? 1 : 0;
}
