// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "attach/config.h"
#include "unit.h"

#define UUID "0C9bf2c5-8b1c-4d2e-9f00-1234567890ab"

static void reads(void **state)
{
	static const char text[] = "# a comment\n"
				   "\n"
				   "[attach first]\n"
				   "  uuid =  " UUID "  \n"
				   "; another\n"
				   "[attach \t second one ]\n"
				   "namespace=namespace12.3";
	struct config config = { 0 };
	struct pma_refusal why;

	(void)state;
	assert_accepted(config_parse(text, &config, &why), &why);
	assert_int_equal(config.n, 2);
	assert_string_equal(config.entries[0].name, "first");
	assert_string_equal(config.entries[0].uuid,
			    "0c9bf2c5-8b1c-4d2e-9f00-1234567890ab");
	assert_string_equal(config.entries[0].namespace, "");
	assert_string_equal(config.entries[1].name, "second one");
	assert_string_equal(config.entries[1].namespace, "namespace12.3");

	/* Files add up, and a name is good for once in all of them */
	assert_refused(
		config_parse("[attach first]\nuuid=" UUID, &config, &why), &why,
		-EEXIST, (const char *[]){ "line 1", "'first'", NULL }, 3);
	config_free(&config);
}

/* As some editors write it; only there it is one */
static void skips_a_byte_order_mark(void **state)
{
	static const char text[] = "\xef\xbb\xbf[attach x]\nuuid=" UUID "\n";
	const char *says = "line 2: neither";
	struct config config = { 0 };
	struct pma_refusal why;

	(void)state;
	assert_accepted(config_parse(text, &config, &why), &why);
	assert_int_equal(config.n, 1);
	config_free(&config);
	assert_refused(config_parse("[attach x]\n\xef\xbb\xbf[attach y]\n",
				    &config, &why),
		       &why, -EINVAL, &says, 1);
	config_free(&config);
}

static void nothing_is_nothing(void **state)
{
	struct config config = { 0 };
	struct pma_refusal why;

	(void)state;
	assert_accepted(config_parse("", &config, &why), &why);
	assert_accepted(config_parse("#[attach x]\n#uuid=1\n", &config, &why),
			&why);
	assert_int_equal(config.n, 0);
	config_free(&config);
}

static void refuses(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "uuid = " UUID, "line 1: not in a section" },
		{ "[attach]\n", "line 1: a section begins" },
		{ "[attach x\n", "line 1: a section begins" },
		{ "[attach x] y\n", "line 1: a section begins" },
		{ "[detach x]\n", "line 1: a section begins" },
		{ "[attach  ]\n", "line 1: a section's name" },
		{ "[attach x]\n", "line 1: section 'x' names no namespace" },
		{ "[attach x]\n\n# ...\n[attach y]\nuuid=" UUID,
		  "line 1: section 'x' names no" },
		{ "[attach x]\nuuid=" UUID "\n[attach y]\n\n",
		  "line 3: section 'y' names no" },
		{ "[attach x]\nuuid=" UUID "\nnamespace=namespace0.0",
		  "line 3: section 'x' names its namespace twice" },
		{ "[attach x]\nuuid=123", "no uuid: '123'" },
		{ "[attach x]\nuuid=" UUID "0", "no uuid" },
		{ "[attach x]\nnamespace=region0", "no namespace: 'region0'" },
		{ "[attach x]\nnamespace=namespace0.0x", "no namespace" },
		{ "[attach x]\nnamespace=namespace-1.0", "no namespace" },
		{ "[attach x]\nnamespace=namespace01.0", "no namespace" },
		{ "[attach x]\nalign=2M", "unknown key 'align'" },
		{ "[attach x]\nuuid", "line 2: neither" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct config config = { 0 };
		struct pma_refusal why;

		assert_refused(config_parse(bad[i].text, &config, &why), &why,
			       -EINVAL, &bad[i].says, 1);
		config_free(&config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(skips_a_byte_order_mark),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
