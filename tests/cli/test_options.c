// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/options.h"
#include "unit.h"

static bool flag, other;
static const char *text;
static u64 size, number;

static const struct verb_option options[] = {
	{ OPTION_FLAG, 'f', "flag", &flag, NULL, "a flag" },
	{ OPTION_FLAG, 'o', "other", &other, NULL, "another" },
	{ OPTION_TEXT, 't', "text", &text, "TEXT", "a text" },
	{ OPTION_SIZE, 's', "size", &size, "SIZE", "a size" },
	{ OPTION_NUMBER, 0, "number", &number, "N", "a number" },
	{ 0 },
};

#define PARSE(...)                                     \
	parse((char *[]){ "verb", __VA_ARGS__, NULL }, \
	      sizeof((char *[]){ "verb", __VA_ARGS__ }) / sizeof(char *))

static int parse(char **argv, int argc)
{
	flag = other = false;
	text = NULL;
	size = number = 0;
	return options_parse(options, "[OPTIONS]", argc, argv);
}

static void takes_all_forms(void **state)
{
	(void)state;
	assert_int_equal(PARSE("-f", "object"), 2);
	assert_true(flag);
	assert_int_equal(PARSE("-fo", "-tword", "--size", "4K", "object"), 5);
	assert_true(flag && other);
	assert_string_equal(text, "word");
	assert_int_equal(size, 4096);
	assert_int_equal(PARSE("--text=a=b", "--number=12", "-s", "1T"), 5);
	assert_string_equal(text, "a=b");
	assert_int_equal(number, 12);
	assert_int_equal(size, TIB);
}

static void takes_options_behind_objects(void **state)
{
	char *argv[] = { "verb", "object", "--flag", NULL };

	(void)state;
	assert_int_equal(parse(argv, 3), 2);
	assert_true(flag);
	assert_string_equal(argv[2], "object");
	assert_int_equal(PARSE("--", "--flag"), 2);
	assert_false(flag);
}

static void refuses(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--no-such"), OPTIONS_WRONG);
	assert_int_equal(PARSE("-x"), OPTIONS_WRONG);
	assert_int_equal(PARSE("--text"), OPTIONS_WRONG);
	assert_int_equal(PARSE("-t"), OPTIONS_WRONG);
	assert_int_equal(PARSE("--flag=yes"), OPTIONS_WRONG);
	assert_int_equal(PARSE("--text="), OPTIONS_WRONG);
	assert_int_equal(PARSE("-t", ""), OPTIONS_WRONG);
	assert_int_equal(PARSE(""), OPTIONS_WRONG);
	assert_int_equal(PARSE("object", ""), OPTIONS_WRONG);
	assert_int_equal(PARSE("--size=x"), OPTIONS_WRONG);
	assert_int_equal(PARSE("--number=-1"), OPTIONS_WRONG);
	assert_int_equal(PARSE("--number=1x"), OPTIONS_WRONG);
	assert_int_equal(PARSE("--number=99999999999999999999"), OPTIONS_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_all_forms),
		cmocka_unit_test(takes_options_behind_objects),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
