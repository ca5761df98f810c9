// SPDX-License-Identifier: GPL-2.0-only
#include "output/units.h"
#include "unit.h"

static void parses(void **state)
{
	static const struct {
		const char *text;
		u64 bytes;
	} good[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "4K", 4 * KIB },
		{ "8194M", 8194 * MIB },
		{ "8g", 8 * GIB },
		{ "1T", TIB },
		{ "1TiB", TIB },
		{ "1TB", TIB },
		{ "512B", 512 },
		{ "0x200000", 2 * MIB },
		{ "0x10M", 16 * MIB },
		{ "1P", 1024 * TIB },
		{ "15E", 15ULL << 60 },
		{ "18446744073709551615", ~0ULL },
	};
	u64 bytes;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		bytes = 1;
		if (units_parse(good[i].text, &bytes) || bytes != good[i].bytes)
			fail_msg("%s: %llu", good[i].text, bytes);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{ "", -EINVAL },
		{ "T", -EINVAL },
		{ "-1", -EINVAL },
		{ "+1", -EINVAL },
		{ " 1", -EINVAL },
		{ "1 ", -EINVAL },
		{ "1.5T", -EINVAL },
		{ "1Ki", -EINVAL },
		{ "1KiBB", -EINVAL },
		{ "1KK", -EINVAL },
		{ "0x", -EINVAL },
		{ "1Z", -EINVAL },
		{ "16E", -ERANGE },
		{ "18446744073709551616", -ERANGE },
		{ "namespace0.0", -EINVAL },
	};
	u64 bytes = 77;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (units_parse(bad[i].text, &bytes) != bad[i].error)
			fail_msg("%s: not %d", bad[i].text, bad[i].error);
	assert_int_equal(bytes, 77);
}

/* What ndctl prints for them, and below its limit a unit as well */
static void prints(void **state)
{
	static const struct {
		u64 bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.00 KiB (1.02 kB)" },
		{ 2 * MIB, "2.00 MiB (2.10 MB)" },
		{ 8 * GIB, "8.00 GiB (8.59 GB)" },
		{ 32828817408, "30.57 GiB (32.83 GB)" },
		{ 16 * GIB - 1, "16.00 GiB (17.18 GB)" },
		{ ~0ULL, "16.00 EiB (18.45 EB)" },
	};
	char text[UNITS_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(units_print(cases[i].bytes, text),
				    cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(prints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
