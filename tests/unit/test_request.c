// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is asked for without an info block. That it agrees with plans from info blocks
 * is shown where these are.
 */
#include "kernel_sim.h"
#include "unit.h"

struct asked {
	const char *name;
	int error;
	const char *says[3];
	struct pma_request r;
	/* free, data_start and data_size if it is accepted */
	u64 want[3];
};

/* clang-format off */
static const struct asked asked[] = {
	{ "1 GiB, as much as it takes", 0, {},
	  { 8 * GIB, GIB, 0, 0, 2 * MIB },
	  { 4096, 8 * GIB + 16 * MIB, GIB - 16 * MIB } },
	{ "1 GiB, one page kept", 0, {},
	  { 8 * GIB, GIB, 1, 0, 2 * MIB },
	  { 4607, 8 * GIB + 18 * MIB, GIB - 18 * MIB } },
	{ "1 GiB, one page kept, in pages of 4 KiB", 0, {},
	  { 8 * GIB, GIB, 1, 0, 4096 },
	  { 4607, 8 * GIB + 18 * MIB, GIB - 18 * MIB } },
	{ "3 GiB in pages of 1 GiB", 0, {},
	  { 8 * GIB, 3 * GIB, 0, 0, GIB },
	  { 262144, 9 * GIB, 2 * GIB } },
	{ "a part of a section needs no altmap", 0, {},
	  { 8 * GIB, 4 * MIB, 0, 0, 2 * MIB },
	  { 0, 8 * GIB, 4 * MIB } },
	{ "more than it takes", 0, {},
	  { 8 * GIB, GIB, 512, 8192, 2 * MIB },
	  { 8192, 8 * GIB + 34 * MIB, GIB - 34 * MIB } },
	{ "size 0", -ERANGE, { " 0 bytes" },
	  { 8 * GIB, 0, 0, 0, 4096 }, {} },
	{ "start + size wraps", -ERANGE, { "0xffffffffffe00000" },
	  { -2 * MIB, 4 * MIB, 0, 0, 4096 }, {} },
	{ "beyond 2^52", -ERANGE, { "0x10000000000000" },
	  { (1ULL << 52) - 2 * MIB, 4 * MIB, 0, 0, 4096 }, {} },
	{ "start not on 2 MiB", -EINVAL, { "0x200100000", "2097152" },
	  { 8 * GIB + MIB, GIB, 0, 0, 4096 }, {} },
	{ "size not on 2 MiB", -EINVAL, { "0x40001000" },
	  { 8 * GIB, GIB + 4096, 0, 0, 4096 }, {} },
	{ "align 0", -EOPNOTSUPP, { " 0 bytes", "0x40201000" },
	  { 8 * GIB, GIB, 0, 0, 0 }, {} },
	{ "align 3 MiB", -EOPNOTSUPP, { "3145728" },
	  { 8 * GIB, GIB, 0, 0, 3 * MIB }, {} },
	{ "reserve 2^64 - 1", -ERANGE, { "18446744073709551615", "262144" },
	  { 8 * GIB, GIB, ~0ULL, 0, 4096 }, {} },
	{ "free 2^64 - 1", -ERANGE, { "18446744073709551615" },
	  { 8 * GIB, GIB, 2, ~0ULL, 4096 }, {} },
	{ "reserve and free take all", -ERANGE, { "131072", "131072" },
	  { 8 * GIB, GIB, 131072, 131072, 4096 }, {} },
	{ "free one page too small", -ENOSPC, { "4095 free", "takes 4096" },
	  { 8 * GIB, GIB, 0, 4095, 4096 }, {} },
	{ "the memmap takes all", -ENOSPC, { "1073741824", "4096", "1073741824" },
	  { 8 * GIB, GIB, 0, 0, GIB }, {} },
	{ "data not on align", -EINVAL, { "0x201100000", "0x200000" },
	  { 8 * GIB, GIB, 256, 4096, 2 * MIB }, {} },
	{ "end not on align", -EINVAL, { "0x60000000", "0x40000000" },
	  { 8 * GIB, 2 * GIB + 512 * MIB, 0, 0, GIB }, {} },
};
/* clang-format on */

static void is_asked(void **state)
{
	const struct asked *a = *state;
	struct pma_refusal why = { 0 };
	struct pma_plan l;
	int rc;

	rc = pma_plan_request(&a->r, &sim_x86, &l, &why);
	if (a->error) {
		assert_refused(rc, &why, a->error, a->says,
			       ARRAY_SIZE(a->says));
		return;
	}
	assert_accepted(rc, &why);
	assert_null(sim_disagrees(&l, &sim_x86));
	assert_int_equal(l.free, a->want[0]);
	assert_int_equal(l.data_start, a->want[1]);
	assert_int_equal(l.data_size, a->want[2]);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(asked)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(asked); i++)
		tests[i] = (struct CMUnitTest){ asked[i].name, is_asked, NULL,
						NULL, (void *)&asked[i] };
	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
