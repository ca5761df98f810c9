// SPDX-License-Identifier: GPL-2.0-only
/* What others wrote, printed so that it is seen and not obeyed */
#include <string.h>

#include "output/text.h"
#include "unit.h"

static void escapes(void **state)
{
	static const struct {
		const char *from, *ascii, *utf8, *json;
	} cases[] = {
		{ "/mnt/a b", "/mnt/a b", "/mnt/a b", "/mnt/a b" },
		{ "/mnt/\303\274\\", "/mnt/\\xc3\\xbc\\", "/mnt/\303\274\\",
		  "/mnt/\303\274\\" },
		/* Of 2 to 4 bytes */
		{ "\302\240\342\202\254\360\237\230\200",
		  "\\xc2\\xa0\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80",
		  "\302\240\342\202\254\360\237\230\200",
		  "\302\240\342\202\254\360\237\230\200" },
		{ "a\033[2J\177\n", "a\\x1b[2J\\x7f\\x0a",
		  "a\\x1b[2J\\x7f\\x0a", "a\033[2J\177\n" },
		/* A terminal obeys U+009B, and U+202E turns a line around */
		{ "\302\233\342\200\256", "\\xc2\\x9b\\xe2\\x80\\xae",
		  "\\xc2\\x9b\\xe2\\x80\\xae", "\302\233\342\200\256" },
		/* Latin-1, half a character, a surrogate, too long, too much */
		{ "\374x", "\\xfcx", "\\xfcx", "\\xfcx" },
		{ "\303", "\\xc3", "\\xc3", "\\xc3" },
		{ "\355\240\200", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80",
		  "\\xed\\xa0\\x80" },
		{ "\300\257", "\\xc0\\xaf", "\\xc0\\xaf", "\\xc0\\xaf" },
		{ "\364\220\200\200", "\\xf4\\x90\\x80\\x80",
		  "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\377\376", "\\xff\\xfe", "\\xff\\xfe", "\\xff\\xfe" },
	};
	char to[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_string_equal(text_escape(to, sizeof(to), cases[i].from,
						TEXT_ASCII),
				    cases[i].ascii);
		assert_string_equal(text_escape(to, sizeof(to), cases[i].from,
						TEXT_UTF8),
				    cases[i].utf8);
		assert_string_equal(text_escape(to, sizeof(to), cases[i].from,
						TEXT_JSON),
				    cases[i].json);
	}
}

static void cuts_between_characters(void **state)
{
	const char *text = "a\303\274\033";
	char to[16];
	size_t size;

	(void)state;
	for (size = 1; size < sizeof(to); size++) {
		memset(to, '?', sizeof(to));
		text_escape(to, size, text, TEXT_UTF8);
		assert_true(strlen(to) < size);
		assert_string_equal(to, size < 2 ? "" :
					size < 4 ? "a" :
					size < 8 ? "a\303\274" :
						   "a\303\274\\x1b");
	}
}

static void takes_octal_back(void **state)
{
	char blank[] = "/mnt/a\\040b\\134040\\303\\274", odd[] = "\\04\\8\\400";

	(void)state;
	text_unoctal(blank);
	assert_string_equal(blank, "/mnt/a b\\040\303\274");
	text_unoctal(odd);
	assert_string_equal(odd, "\\04\\8\\400");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes),
		cmocka_unit_test(cuts_between_characters),
		cmocka_unit_test(takes_octal_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
