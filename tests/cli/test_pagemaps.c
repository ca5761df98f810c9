// SPDX-License-Identifier: GPL-2.0-only
#include "module/pagemaps.h"
#include "unit.h"

#define PLAIN                                                                  \
	"\"start\":4294967296,\"size\":8589934592,\"owner\":\"namespace0.0\"," \
	"\"driver\":\"nd_pmem\",\"type\":\"fsdax\",\"order\":0,"               \
	"\"memmap_device\":134217728,\"memmap_dram\":0,\"data_size\":8453619712"
#define ALTMAP                                                                \
	",\"altmap\":true,\"base_pfn\":1048576,\"reserve\":2,\"free\":33278," \
	"\"align\":510,\"alloc\":32768,\"offset\":33280"

static int parse(const char *line, struct pagemap *e, struct pma_refusal *why)
{
	return pagemaps_parse_line(line, strlen(line), e, why);
}

static void reads(void **state)
{
	struct pagemap e;
	struct pma_refusal why;

	(void)state;
	assert_accepted(parse("{" PLAIN ALTMAP ",\"newer\":[1]}", &e, &why),
			&why);
	assert_true(e.altmap);
	assert_int_equal(e.start, 4 * GIB);
	assert_int_equal(e.size, 8 * GIB);
	assert_string_equal(e.owner, "namespace0.0");
	assert_string_equal(e.driver, "nd_pmem");
	assert_string_equal(e.type, "fsdax");
	assert_int_equal(e.free, 33278);
	assert_int_equal(e.offset, 33280);
	assert_int_equal(e.data_size, 8453619712);

	assert_accepted(parse("{" PLAIN ",\"altmap\":false}", &e, &why), &why);
	assert_false(e.altmap);
	assert_int_equal(e.free, 0);
}

static void refuses(void **state)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
		{ "", "JSON" },
		{ "[]", "JSON" },
		{ "{" PLAIN ALTMAP, "JSON" },
		{ "{}", "'altmap'" },
		{ "{" PLAIN "}", "'altmap'" },
		{ "{" PLAIN ",\"altmap\":1}", "'altmap'" },
		{ "{" PLAIN ",\"altmap\":true}", "'base_pfn'" },
		{ "{\"altmap\":false,\"start\":-1}", "'start'" },
		{ "{\"altmap\":false,\"start\":\"1\"}", "'start'" },
		{ "{\"altmap\":false,\"start\":1.5}", "'start'" },
	};
	struct pagemap e;
	struct pma_refusal why;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_refused(parse(bad[i].line, &e, &why), &why, -EBADMSG,
			       &bad[i].says, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
