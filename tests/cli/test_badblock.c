// SPDX-License-Identifier: GPL-2.0-only
#include "libnvdimm/badblock.h"
#include "unit.h"

/* In a region, a head of 4 MiB that begins at 1 GiB */
static const struct {
	u64 sector, sectors;
	bool hits;
	u64 at;
} cases[] = {
	{ GIB / 512 - 1, 1, false, 0 },
	{ GIB / 512 - 1, 2, true, 0 },
	{ GIB / 512, 1, true, 0 },
	{ GIB / 512 + 8, 8, true, 4096 },
	{ (GIB + 4 * MIB) / 512 - 1, 1, true, 4 * MIB - 512 },
	{ (GIB + 4 * MIB) / 512, 8, false, 0 },
	{ 0, 8 * GIB / 512, true, 0 },
	{ GIB / 512 + 8, 0, false, 0 },
	{ 0, 0, false, 0 },
	/* More sectors than a byte's number can count */
	{ 1ULL << 55, 1, false, 0 },
	{ (1ULL << 55) + GIB / 512, 1, false, 0 },
	{ ~0ULL, 2, false, 0 },
	{ 0, ~0ULL, true, 0 },
	{ 1, 1ULL << 55, true, 0 },
};

static void finds(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 at = ~0ULL;
		bool hits = badblock_hits(cases[i].sector, cases[i].sectors,
					  GIB, 4 * MIB, &at);

		if (hits != cases[i].hits || (hits && at != cases[i].at))
			fail_msg("case %zu: %d at %llu", i, hits, at);
	}
}

static void keeps_the_first(void **state)
{
	u64 at = ~0ULL;

	(void)state;
	assert_true(badblock_hits(16, 1, 0, MIB, &at));
	assert_true(badblock_hits(8, 1, 0, MIB, &at));
	assert_true(badblock_hits(24, 1, 0, MIB, &at));
	assert_int_equal(at, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(keeps_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
