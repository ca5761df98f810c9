// SPDX-License-Identifier: GPL-2.0-only
/*
 * showinfoblock FILE: what pmem_altmap sees in the head of a namespace, here that of
 * the file behind an emulated NVDIMM: "valid UUID DATAOFF SIZE ALIGN", with numbers in
 * bytes, or "invalid ERRNO TEXT"
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plan/infoblock.h"

int main(int argc, char **argv)
{
	uint8_t head[PMA_HEAD_SIZE];
	struct pma_infoblock ib;
	struct pma_refusal why;
	int fd, i;

	if (argc != 2) {
		fprintf(stderr, "usage: showinfoblock FILE\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || pread(fd, head, sizeof(head), 0) != sizeof(head)) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	if (pma_infoblock_parse(head, &ib, &why)) {
		printf("invalid %d %s\n", why.error, why.text);
		return 0;
	}
	printf("valid ");
	for (i = 0; i < PMA_UUID_SIZE; i++)
		printf("%02x%s", ib.uuid[i],
		       i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
	printf(" %llu %llu %u\n", (unsigned long long)ib.dataoff,
	       (unsigned long long)ib.npfns * 4096, ib.align);
	return 0;
}
