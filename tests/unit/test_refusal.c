// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "unit.h"

/* On the heap and of the exact size, so that the sanitizer sees an overrun */
static int setup(void **state)
{
	*state = malloc(sizeof(struct pma_refusal));
	if (!*state)
		return -1;
	memset(*state, '?', sizeof(struct pma_refusal));
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void says_why(void **state)
{
	struct pma_refusal *why = *state;

	assert_int_equal(pma_refuse(why, -ERANGE, "%d of %#llx", 7, 255ULL),
			 -ERANGE);
	assert_int_equal(why->error, -ERANGE);
	assert_string_equal(why->text, "7 of 0xff");
}

static void longest_text_is_whole(void **state)
{
	struct pma_refusal *why = *state;

	pma_refuse(why, -EINVAL, "%318s!", "");
	assert_int_equal(strlen(why->text), 319);
	assert_int_equal(why->text[318], '!');
}

static void too_long_text_is_cut(void **state)
{
	struct pma_refusal *why = *state;
	size_t i;

	assert_int_equal(pma_refuse(why, -EIO, "%0320d!", 0), -EIO);
	assert_int_equal(why->error, -EIO);
	for (i = 0; i < 319; i++)
		assert_int_equal(why->text[i], '0');
	assert_int_equal(why->text[319], '\0');
	assert_int_equal(sizeof(why->text), 320);

	pma_refuse(why, -EIO, "%0100000d", 0);
	assert_int_equal(strlen(why->text), 319);
}

static void later_text_replaces_earlier(void **state)
{
	struct pma_refusal *why = *state;

	pma_refuse(why, -EIO, "%s", "a long text");
	pma_refuse(why, -EINVAL, "short");
	assert_int_equal(why->error, -EINVAL);
	assert_string_equal(why->text, "short");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(says_why),
		TEST(longest_text_is_whole),
		TEST(too_long_text_is_cut),
		TEST(later_text_replaces_earlier),
	};

	return cmocka_run_group_tests_name("refusal", tests, NULL, NULL);
}
