// SPDX-License-Identifier: GPL-2.0-only
/*
 * The format's offsets and values stand here as plain numbers on purpose: a
 * wrong constant in src/plan/infoblock.h must not cancel itself out.
 */
#include <stdlib.h>

#include "plan/infoblock.h"
#include "unit.h"

#define HEAD 8192

static const u8 parent[16] = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
			       0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf };

static void put(u8 *block, int offset, int bytes, u64 value)
{
	int i;

	for (i = 0; i < bytes; i++)
		block[offset + i] = value >> (8 * i);
}

/* Fletcher's sum as drivers/nvdimm defines it, word by word */
static u64 fletcher(const u8 *block)
{
	u64 low = 0, high = 0;
	int i;

	for (i = 0; i < 1024; i++) {
		const u8 *b = block + 4 * i;

		if (i < 1022)
			low += b[0] + 256ULL * b[1] + 65536ULL * b[2] +
			       16777216ULL * b[3];
		low %= 1ULL << 32;
		high += low;
	}
	return (high % (1ULL << 32)) * (1ULL << 32) + low;
}

static void sign(u8 *head)
{
	put(head + 4096, 4088, 8, fletcher(head + 4096));
}

/* The block of 8 GiB, map=dev, 2 MiB */
static void make(u8 *head, unsigned int minor)
{
	u8 *block = head + 4096;
	int i;

	memset(head, 0, HEAD);
	memcpy(block, "NVDIMM_DAX_INFO\0", 16);
	for (i = 0; i < 16; i++)
		block[16 + i] = 0x10 + i;
	memcpy(block + 32, parent, 16);
	put(block, 52, 2, 1);
	put(block, 54, 2, minor);
	put(block, 56, 8, 136314880);
	put(block, 64, 8, 2063872);
	put(block, 72, 4, 2);
	put(block, 84, 4, 2097152);
	put(block, 88, 4, 4096);
	put(block, 92, 2, 64);
	sign(head);
}

/* Of the exact size, so that the sanitizer sees a read beyond it */
static int setup(void **state)
{
	u8 *head = malloc(HEAD);

	if (!head)
		return -1;
	make(head, 4);
	*state = head;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void known_checksum(void **state)
{
	u8 *block = (u8 *)*state + 4096;
	int i;

	assert_true(fletcher(block) == 0x155156a6eab8cb5dULL);
	assert_true(pma_infoblock_checksum(block) == 0x155156a6eab8cb5dULL);

	/* The field itself does not count, all before it does */
	put(block, 4088, 8, ~0ULL);
	assert_true(pma_infoblock_checksum(block) == 0x155156a6eab8cb5dULL);
	memset(block, 0xff, 4096);
	assert_true(pma_infoblock_checksum(block) == 0xfff7fe03fffffc02ULL);
	for (i = 0; i < 4096; i++)
		block[i] = 7 * i + 3;
	assert_true(pma_infoblock_checksum(block) == 0x5c79c9832032424eULL);
}

static void checksum_matches_second_opinion(void **state)
{
	u8 *block = (u8 *)*state + 4096;
	uint32_t seed = 1;
	int i, round;

	for (round = 0; round < 100; round++) {
		for (i = 0; i < 4096; i++) {
			seed = seed * 1664525 + 1013904223;
			block[i] = seed >> 24;
		}
		assert_true(pma_infoblock_checksum(block) == fletcher(block));
	}
}

static void accept(const u8 *head, struct pma_infoblock *ib)
{
	struct pma_refusal why = { 0 };

	memset(ib, 0x5a, sizeof(*ib));
	assert_accepted(pma_infoblock_parse(head, ib, &why), &why);
}

/* Every field holds a number of its own; what a minor lacks is left out */
static void check_minor(u8 *head, unsigned int minor)
{
	u8 *block = head + 4096;
	struct pma_infoblock ib;
	int i;

	make(head, minor);
	put(block, 48, 4, minor < 3 ? 0x80000001 : 0);
	put(block, 56, 8, 0x1122334455667788);
	put(block, 64, 8, 0x99aabbccddeeff01);
	put(block, 76, 4, 0xf1e2d3c4);
	put(block, 80, 4, 0xe1d2c3b4);
	put(block, 84, 4, 0xd1c2b3a4);
	put(block, 88, 4, 0xc1b2a394);
	put(block, 92, 2, 0xb1a2);
	sign(head);
	accept(head, &ib);

	for (i = 0; i < 16; i++)
		assert_int_equal(ib.uuid[i], 0x10 + i);
	assert_memory_equal(ib.parent_uuid, parent, 16);
	assert_int_equal(ib.major, 1);
	assert_int_equal(ib.minor, minor);
	assert_int_equal(ib.dataoff, 0x1122334455667788);
	assert_int_equal(ib.npfns, 0x99aabbccddeeff01);
	assert_int_equal(ib.start_pad, minor >= 1 ? 0xf1e2d3c4 : 0);
	assert_int_equal(ib.end_trunc, minor >= 1 ? 0xe1d2c3b4 : 0);
	assert_int_equal(ib.align, minor >= 2 ? 0xd1c2b3a4 : 0);
	assert_int_equal(ib.page_size, minor >= 4 ? 0xc1b2a394 : 0);
	assert_int_equal(ib.page_struct_size, minor >= 4 ? 0xb1a2 : 64);
}

static void minor_0(void **state)
{
	check_minor(*state, 0);
}

static void minor_1(void **state)
{
	check_minor(*state, 1);
}

static void minor_2(void **state)
{
	check_minor(*state, 2);
}

static void minor_3(void **state)
{
	check_minor(*state, 3);
}

static void minor_4(void **state)
{
	check_minor(*state, 4);
}

/* The 4 KiB before the block belong to nobody, whatever was left in them */
static void bytes_before_block_do_not_matter(void **state)
{
	struct pma_infoblock ib;
	u8 *head = *state;

	memset(head, 0xff, 4096);
	accept(head, &ib);
	memset(head, 0, 4096);
	memcpy(head, "BTT_ARENA_INFO\0\0", 16);
	accept(head, &ib);
	memcpy(head, "NVDIMM_PFN_INFO\0", 16);
	accept(head, &ib);
}

/* A newer minor's padding would mean something; 1.4's is only summed up */
static void padding_is_ignored(void **state)
{
	struct pma_infoblock ib;
	u8 *head = *state;

	memset(head + 4096 + 94, 0xee, 3994);
	sign(head);
	accept(head, &ib);
	assert_int_equal(ib.page_struct_size, 64);
}

static void every_flipped_bit_is_found(void **state)
{
	struct pma_infoblock ib;
	struct pma_refusal why;
	u8 *head = *state;
	int bit;

	for (bit = 0; bit < 32768; bit++) {
		u8 *byte = head + 4096 + bit / 8;
		int rc;

		*byte ^= 1 << bit % 8;
		rc = pma_infoblock_parse(head, &ib, &why);
		if (rc != (bit < 128 ? -ENXIO : -EBADMSG))
			fail_msg("bit %d: returned %d", bit, rc);
		*byte ^= 1 << bit % 8;
	}
	accept(head, &ib);
}

/* A field of the block set to a value and signed, or a block spoiled by hand */
struct refused {
	const char *name;
	int offset;
	int bytes;
	u64 value;
	void (*spoil)(u8 *head);
	int error;
	const char *says[3];
};

static void no_block(u8 *head)
{
	memset(head, 0, HEAD);
}

static void foreign_signature(u8 *head)
{
	memcpy(head + 4096, "\177ELF another one", 16);
}

static void fsdax(u8 *head)
{
	memcpy(head + 4096, "NVDIMM_PFN_INFO\0", 16);
	sign(head);
}

static void btt_at_0(u8 *head)
{
	memset(head + 4096, 0x5a, 4096);
	memcpy(head, "BTT_ARENA_INFO\0\0", 16);
}

static void btt_at_4k(u8 *head)
{
	memcpy(head + 4096, "BTT_ARENA_INFO\0\0", 16);
	sign(head);
}

static void checksum_low_word(u8 *head)
{
	head[4096 + 4088] ^= 1;
}

static void checksum_high_word(u8 *head)
{
	head[4096 + 4095] ^= 0x80;
}

static void checksum_of_zero(u8 *head)
{
	put(head + 4096, 4088, 8, 0);
}

static void swapped_words(u8 *head)
{
	put(head + 4096, 100, 4, 1);
	sign(head);
	put(head + 4096, 100, 4, 0);
	put(head + 4096, 104, 4, 1);
}

static void flags_in_3(u8 *head)
{
	make(head, 3);
	put(head + 4096, 48, 4, 1);
	sign(head);
}

#define FIELD(offset, bytes, value) offset, bytes, value, NULL
#define SPOIL(f) 0, 0, 0, f

static const struct refused refused[] = {
	{ "no block",
	  SPOIL(no_block),
	  -ENXIO,
	  { "no info block", "4096", "ndctl" } },
	{ "foreign signature",
	  SPOIL(foreign_signature),
	  -ENXIO,
	  { "7f454c4620616e6f74686572206f6e65", "4096", "ndctl" } },
	{ "last byte of the signature",
	  FIELD(15, 1, 1),
	  -ENXIO,
	  { "4e5644494d4d5f4441585f494e464f01" } },
	{ "fsdax", SPOIL(fsdax), -EOPNOTSUPP, { "fsdax", "--mode=devdax" } },
	{ "BTT at 0", SPOIL(btt_at_0), -EOPNOTSUPP, { "BTT", "sector" } },
	{ "BTT at 4 KiB", SPOIL(btt_at_4k), -EOPNOTSUPP, { "BTT", "sector" } },
	{ "checksum, low word",
	  SPOIL(checksum_low_word),
	  -EBADMSG,
	  { "0x155156a6eab8cb5c", "0x155156a6eab8cb5d" } },
	{ "checksum, high word",
	  SPOIL(checksum_high_word),
	  -EBADMSG,
	  { "0x955156a6eab8cb5d", "0x155156a6eab8cb5d" } },
	{ "checksum of zero",
	  SPOIL(checksum_of_zero),
	  -EBADMSG,
	  { "is 0 ", "0x155156a6eab8cb5d" } },
	{ "swapped words", SPOIL(swapped_words), -EBADMSG, { "damaged" } },
	{ "major 0", FIELD(52, 2, 0), -EOPNOTSUPP, { " 0.4 ", "1.4", "newer" } },
	{ "major 2", FIELD(52, 2, 2), -EOPNOTSUPP, { " 2.4 ", "1.4", "newer" } },
	{ "major 257", FIELD(52, 2, 257), -EOPNOTSUPP, { " 257.4 " } },
	{ "minor 5", FIELD(54, 2, 5), -EOPNOTSUPP, { " 1.5 ", "1.4", "newer" } },
	{ "minor 256", FIELD(54, 2, 256), -EOPNOTSUPP, { " 1.256 " } },
	{ "flags in 1.4",
	  FIELD(48, 4, 0x80000000),
	  -EOPNOTSUPP,
	  { "0x80000000" } },
	{ "flags in 1.3", SPOIL(flags_in_3), -EOPNOTSUPP, { " 0x1:" } },
	{ "map=mem",
	  FIELD(72, 4, 1),
	  -EOPNOTSUPP,
	  { "map=mem", " 1)", "--map=dev" } },
	{ "mode 0", FIELD(72, 4, 0), -EOPNOTSUPP, { "mode 0", "--map=dev" } },
	{ "mode 3", FIELD(72, 4, 3), -EOPNOTSUPP, { "mode 3", "--map=dev" } },
	{ "mode, high byte",
	  FIELD(72, 4, 0x01000002),
	  -EOPNOTSUPP,
	  { "mode 16777218" } },
};

static void is_refused(void **state)
{
	const struct refused *r = *state;
	struct pma_refusal why = { 0 };
	struct pma_infoblock ib;
	u8 *head = malloc(HEAD);
	int rc;

	assert_non_null(head);
	make(head, 4);
	if (r->spoil) {
		r->spoil(head);
	} else {
		put(head + 4096, r->offset, r->bytes, r->value);
		sign(head);
	}
	rc = pma_infoblock_parse(head, &ib, &why);
	free(head);
	assert_refused(rc, &why, r->error, r->says, ARRAY_SIZE(r->says));
}

static void own_parent(void **state)
{
	struct pma_refusal why = { 0 };
	struct pma_infoblock ib;

	accept(*state, &ib);
	assert_accepted(pma_infoblock_check_parent(&ib, parent, &why), &why);
}

/* Without labels the namespace has no uuid, and ndctl writes zeroes */
static void no_parent(void **state)
{
	static const u8 zero[16];
	struct pma_refusal why = { 0 };
	struct pma_infoblock ib;
	u8 *head = *state;

	memset(head + 4096 + 32, 0, 16);
	sign(head);
	accept(head, &ib);
	assert_accepted(pma_infoblock_check_parent(&ib, zero, &why), &why);
}

static void wrong_parent(void **state)
{
	static const char *const says[] = { "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
					    "a0a1a2a3a4a5a6a7a8a9aaabacadae2f",
					    "ndctl" };
	struct pma_refusal why;
	struct pma_infoblock ib;
	int bit, rc;

	accept(*state, &ib);
	for (bit = 0; bit < 128; bit++) {
		u8 other[16];

		memcpy(other, parent, 16);
		other[bit / 8] ^= 1 << bit % 8;
		memset(&why, 0, sizeof(why));
		rc = pma_infoblock_check_parent(&ib, other, &why);
		assert_refused(rc, &why, -ENXIO, says, bit == 127 ? 3 : 1);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest plain[] = {
		TEST(known_checksum),
		TEST(checksum_matches_second_opinion),
		TEST(minor_0),
		TEST(minor_1),
		TEST(minor_2),
		TEST(minor_3),
		TEST(minor_4),
		TEST(bytes_before_block_do_not_matter),
		TEST(padding_is_ignored),
		TEST(every_flipped_bit_is_found),
		TEST(own_parent),
		TEST(no_parent),
		TEST(wrong_parent),
	};
	struct CMUnitTest tests[ARRAY_SIZE(plain) + ARRAY_SIZE(refused)];
	size_t i, n = ARRAY_SIZE(plain);

	memcpy(tests, plain, sizeof(plain));
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		tests[n++] =
			(struct CMUnitTest){ refused[i].name, is_refused, NULL,
					     NULL, (void *)&refused[i] };
	return cmocka_run_group_tests_name("infoblock", tests, NULL, NULL);
}
