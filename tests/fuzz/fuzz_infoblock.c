// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any head of a namespace is parsed. An input holds what is worth changing, a
 * short one ends in zeroes:
 *
 *     0  96 bytes  the info block's fields
 *    96   8        its checksum
 *   104  16        uuid of the namespace that it is found in
 *   120  16        first bytes of the namespace, where a BTT would sign
 *   136   -        the block's padding, from its byte 96 on
 */
#include "fuzz.h"
#include "plan/infoblock.h"

#define FIELDS 96
#define CHECKSUM 96
#define UUID 104
#define START 120
#define PADDING 136

size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size,
			       unsigned int seed);

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static u64 number(const u8 *p, size_t bytes)
{
	return take(&p, &bytes, bytes);
}

/* @input is padded with zeroes up to PADDING */
static void make_head(u8 *head, const u8 *input, size_t size)
{
	u8 *block = head + 4096;

	memset(head, 0, 8192);
	memcpy(head, input + START, 16);
	memcpy(block, input, FIELDS);
	if (size > PADDING)
		memcpy(block + FIELDS, input + PADDING,
		       min(size - PADDING, 4088 - FIELDS));
	memcpy(block + 4088, input + CHECKSUM, 8);
}

/* A machine that runs this is little-endian */
static u64 fletcher(const u8 *block)
{
	u32 words[1024], low = 0, high = 0;
	int i;

	memcpy(words, block, sizeof(words));
	for (i = 0; i < 1024; i++) {
		low += i < 1022 ? words[i] : 0;
		high += low;
	}
	return (u64)high << 32 | low;
}

/* Without a right checksum nothing behind that check would ever be reached */
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	static u8 head[8192];
	u64 sum;
	int i;

	size = LLVMFuzzerMutate(data, size, max_size);
	if (seed % 8 == 0 || max_size < PADDING)
		return size;
	if (size < PADDING) {
		memset(data + size, 0, PADDING - size);
		size = PADDING;
	}
	if (seed % 8 > 1)
		memcpy(data, "NVDIMM_DAX_INFO\0", 16);
	if (seed % 8 > 3)
		memcpy(data + UUID, data + 32, 16);
	make_head(head, data, size);
	sum = fletcher(head + 4096);
	for (i = 0; i < 8; i++)
		data[CHECKSUM + i] = sum >> (8 * i);
	return size;
}

static bool is_acceptable(const u8 *head)
{
	const u8 *block = head + 4096;
	u64 minor = number(block + 54, 2);

	return !memcmp(block, "NVDIMM_DAX_INFO\0", 16) &&
	       number(block + 4088, 8) == fletcher(block) &&
	       number(block + 52, 2) == 1 && minor <= 4 &&
	       (minor < 3 || number(block + 48, 4) == 0) &&
	       number(block + 72, 4) == 2;
}

static void check_fields(const u8 *head, const struct pma_infoblock *ib)
{
	const u8 *block = head + 4096;
	u64 minor = number(block + 54, 2);

	CHECK(ib->major == 1 && ib->minor == minor);
	CHECK(!memcmp(ib->uuid, block + 16, 16));
	CHECK(!memcmp(ib->parent_uuid, block + 32, 16));
	CHECK(ib->dataoff == number(block + 56, 8));
	CHECK(ib->npfns == number(block + 64, 8));
	CHECK(ib->start_pad == (minor >= 1 ? number(block + 76, 4) : 0));
	CHECK(ib->end_trunc == (minor >= 1 ? number(block + 80, 4) : 0));
	CHECK(ib->align == (minor >= 2 ? number(block + 84, 4) : 0));
	CHECK(ib->page_size == (minor >= 4 ? number(block + 88, 4) : 0));
	CHECK(ib->page_struct_size ==
	      (minor >= 4 ? number(block + 92, 2) : 64));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct pma_refusal why = { 0 };
	u8 start[PADDING] = { 0 };
	struct pma_infoblock ib;
	u8 *head = malloc(8192);
	int rc;

	CHECK(head);
	memcpy(start, data, min(size, PADDING));
	make_head(head, size < PADDING ? start : data, size);

	rc = pma_infoblock_parse(head, &ib, &why);
	CHECK(!rc == is_acceptable(head));
	if (rc) {
		CHECK(rc == -ENXIO || rc == -EBADMSG || rc == -EOPNOTSUPP);
		check_refusal(rc, &why);
	} else {
		check_fields(head, &ib);
		rc = pma_infoblock_check_parent(&ib, start + UUID, &why);
		CHECK(!rc == !memcmp(head + 4096 + 32, start + UUID, 16));
		if (rc) {
			CHECK(rc == -ENXIO);
			check_refusal(rc, &why);
		}
	}
	free(head);
	return 0;
}
