// SPDX-License-Identifier: GPL-2.0-only
/*
 * Costs against cases that were worked out by hand, and what ndctl would format
 * against the simulation of the kernel that the module's own tests use.
 */
#include "forecast/forecast.h"
#include "kernel_sim.h"
#include "system/machine.h"
#include "unit.h"

/* clang-format off */
static const struct {
	const char *name;
	u64 start, size, align;
	/* device and dram of each way, in the order of the ways */
	u64 cost[FORECAST_WAYS][2];
} cases[] = {
	/*
	 * 1 TiB at 4 GiB. Memmap: 2^28 pages * 64 = 16 GiB; 2 MiB for info block and
	 * rounding. At 2M: 2^19 units * 8 KiB = 4 GiB, and a table of 4 KiB for each of
	 * 8192 * 2 MiB of memmap: 32 MiB. At 1G: 1024 units * 8 KiB = 8 MiB, tables 32 MiB.
	 */
	{ "1 TiB", 4 * GIB, TIB, 2 * MIB, {
		{ 16 * GIB + 2 * MIB, 0 },
		{ 2 * MIB, 16 * GIB },
		{ 2 * MIB, 4 * GIB + 32 * MIB },
		{ GIB, 40 * MIB },
		{ 16 * GIB + 2 * MIB, 0 } } },
	/* 8 GiB: 128 MiB + 2 MiB; 4096 * 8 KiB + 64 * 4 KiB; 8 * 8 KiB + 64 * 4 KiB */
	{ "8 GiB", 4 * GIB, 8 * GIB, 2 * MIB, {
		{ 130 * MIB, 0 },
		{ 2 * MIB, 128 * MIB },
		{ 2 * MIB, 32 * MIB + 256 * KIB },
		{ GIB, 64 * KIB + 256 * KIB },
		{ 130 * MIB, 0 } } },
	/* Less 2 MiB: the last section is a part, 63 * 512 pages of memmap are in DRAM.
	 * The 2M and 1G ways: 4095 units and 64 tables; 7 GiB are left of 8 */
	{ "8 GiB less 2 MiB", 4 * GIB, 8 * GIB - 2 * MIB, 2 * MIB, {
		{ 128 * MIB, 63 * 512 * 64 },
		{ 2 * MIB, 128 * MIB - 32 * KIB },
		{ 2 * MIB, 4095 * 8 * KIB + 256 * KIB },
		{ 2 * GIB - 2 * MIB, 7 * 8 * KIB + 56 * 4 * KIB },
		{ 128 * MIB, 63 * 512 * 64 } } },
};
/* clang-format on */

static void costs(void **state)
{
	struct forecast_way ways[FORECAST_WAYS];
	struct pma_memory_model mm;
	size_t i, w;

	(void)state;
	machine_x86(&mm);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		forecast_ways(cases[i].start, cases[i].size, cases[i].align,
			      &mm, ways);
		for (w = 0; w < FORECAST_WAYS; w++) {
			u64 dram = ways[w].dram + ways[w].page_tables;

			if (!ways[w].possible ||
			    ways[w].device != cases[i].cost[w][0] ||
			    dram != cases[i].cost[w][1] ||
			    ways[w].device + ways[w].data_size != cases[i].size)
				fail_msg("%s, %s: device %llu, dram %llu",
					 cases[i].name, ways[w].name,
					 ways[w].device, dram);
		}
	}
}

static void formats_as_the_kernel(void **state)
{
	static const u64 aligns[] = { 4096, 2 * MIB, GIB };
	struct pma_infoblock ours, theirs;
	struct pma_memory_model mm;
	struct pma_refusal why;
	u64 start, size;
	size_t i, tried = 0;

	(void)state;
	machine_x86(&mm);
	for (start = 4 * GIB; start < 5 * GIB; start += 94 * MIB)
		for (size = 2 * MIB; size < 9 * GIB; size += size / 3 + 12288)
			for (i = 0; i < ARRAY_SIZE(aligns); i++) {
				bool fits = sim_pfn_init(&theirs, start, size,
							 aligns[i], 64, &mm);
				int rc = forecast_format(&ours, start, size,
							 aligns[i], true, &mm,
							 &why);

				assert_int_equal(!rc, fits);
				if (!rc)
					assert_memory_equal(&ours, &theirs,
							    sizeof(ours));
				tried += !rc;
			}
	assert_in_range(tried, 300, 10000);
}

static void refuses(void **state)
{
	struct forecast_way ways[FORECAST_WAYS];
	struct forecast_advice advice;
	struct pma_memory_model mm;
	struct pma_infoblock ib;
	struct pma_refusal why;
	int w;

	(void)state;
	machine_x86(&mm);
	assert_int_equal(forecast_format(&ib, 4 * GIB, 2 * MIB, 2 * MIB, true,
					 &mm, &why),
			 -ENOSPC);
	assert_int_equal(forecast_format(&ib, 4096, GIB, 2 * MIB, true, &mm,
					 &why),
			 -EINVAL);
	assert_int_equal(forecast_format(&ib, 4 * GIB, ~0ULL, 2 * MIB, true,
					 &mm, &why),
			 -ERANGE);
	for (u64 size = 0; size <= 2 * MIB; size += MIB) {
		forecast_ways(4 * GIB, size, 2 * MIB, &mm, ways);
		for (w = 0; w < FORECAST_WAYS; w++)
			assert_false(ways[w].possible && size < 2 * MIB);
	}
	forecast_ways(4 * GIB, 0, 2 * MIB, &mm, ways);
	forecast_advise(ways, 64 * GIB, &advice);
	assert_int_equal(advice.way, -1);
}

/* Mainline's other ways where they are better, by DRAM */
static void advises(void **state)
{
	static const struct {
		u64 size, dram;
		int way;
	} wanted[] = {
		{ 16 * GIB, 512 * GIB, WAY_MEM_4K }, /* 0.05 % */
		{ TIB, 800 * GIB, WAY_MEM_4K }, /* 2 % */
		{ TIB, 799 * GIB, WAY_MEM_1G },
		{ TIB, 64 * GIB, WAY_MEM_1G },
		{ 6 * TIB, 64 * GIB, WAY_MEM_1G },
		{ TIB, GIB, WAY_DEV }, /* 40 MiB are 4 % */
		{ 8 * GIB, 2 * GIB, WAY_DEV }, /* 1 GiB of 8 is too much */
		{ TIB, 0, WAY_DEV }, /* not known */
	};
	struct forecast_way ways[FORECAST_WAYS];
	struct forecast_advice advice;
	struct pma_memory_model mm;
	size_t i;

	(void)state;
	machine_x86(&mm);
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		forecast_ways(4 * GIB, wanted[i].size, 2 * MIB, &mm, ways);
		forecast_advise(ways, wanted[i].dram, &advice);
		if (advice.way != wanted[i].way)
			fail_msg("case %zu: way %d: %s", i, advice.way,
				 advice.why);
		assert_in_range(strlen(advice.why), 20, FORECAST_TEXT - 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(costs),
		cmocka_unit_test(formats_as_the_kernel),
		cmocka_unit_test(refuses),
		cmocka_unit_test(advises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
