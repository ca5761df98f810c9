// SPDX-License-Identifier: GPL-2.0-only
/* A plan of what is attached is what is attached */
#include "forecast/plan.h"
#include "sysroot.h"

static int setup(void **state)
{
	int rc = sysroot_make(state);

	if (!rc)
		sysroot_put_provider();
	sysroot_put("/sys/kernel/mm/transparent_hugepage/enabled", "always\n");
	return rc;
}

/*
 * memmap=255M!4097M: the range begins in the middle of a unit of 2 MiB, so that the first
 * MiB is padding. 1536 pages behind that is the data, up to 4352 MiB.
 */
static void of_one_that_begins_within_a_section(void **state)
{
	const struct nd_space space = {
		.name = "namespace0.0",
		.driver = "pmem_altmap",
		.start = 4097 * MIB,
		.size = 255 * MIB,
	};
	struct plan plan;

	(void)state;
	plan_namespace(&plan, &space, 0);
	if (plan.refusals.n)
		fail_msg("refused: %s", plan.refusals.list[0].text);
	assert_true(plan.laid_out);
	assert_int_equal(plan.infoblock.start_pad, MIB);
	assert_int_equal(plan.infoblock.dataoff, 6 * MIB);
	assert_int_equal(plan.layout.base_pfn, 4098 * MIB / 4096);
	assert_int_equal(plan.layout.end_pfn, 4352 * MIB / 4096 - 1);
	assert_int_equal(plan.layout.reserve, 2);
	assert_int_equal(plan.layout.free, 1534);
	assert_int_equal(plan.layout.need, 512);
	assert_int_equal(plan.layout.data_start, 4104 * MIB);
	assert_int_equal(plan.layout.data_size, 248 * MIB);
	/* ndctl would not format it so, but it is */
	assert_true(plan.ways[WAY_DEV].possible);
	assert_int_equal(plan.ways[WAY_ALTMAPCTL].device, 7 * MIB);
	assert_false(plan.ways[WAY_MEM_4K].possible);
	assert_int_equal(plan.best.way, WAY_DEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			of_one_that_begins_within_a_section, setup,
			sysroot_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
