// SPDX-License-Identifier: GPL-2.0-only
#include <sys/socket.h>
#include <unistd.h>

#include "system/kmsg.h"
#include "unit.h"

#define HEAD "3,1234,5678901,-;"
#define OURS "pmem_altmap namespace1.0: "
#define UNUSABLE "do not use the namespace before a reboot"
#define KEYS " SUBSYSTEM=nd\n DEVICE=+nd:namespace1.0\n"

static const struct {
	const char *record, *text;
	bool unusable;
} cases[] = {
	{ HEAD OURS "not attached (error -28): altmap\n SUBSYSTEM=nd\n",
	  OURS "not attached (error -28): altmap", false },
	{ HEAD "pmem_altmap: probe of namespace1.0 failed with error -28",
	  "pmem_altmap: probe of namespace1.0 failed with error -28", false },
	{ HEAD OURS
	  "not attached (error -12): it keeps a part, do not use the namespace before a reboot (alloc 1 of 2)\n" KEYS,
	  OURS
	  "not attached (error -12): it keeps a part, do not use the namespace before a reboot (alloc 1 of 2)",
	  true },
	/* Of the device, by another driver */
	{ HEAD "nd_pmem namespace1.0: " UNUSABLE "\n" KEYS,
	  "nd_pmem namespace1.0: " UNUSABLE, false },
	/* What anybody can have the kernel say */
	{ HEAD "tmpfs: Unknown parameter 'namespace1.0: " UNUSABLE "'\n", NULL,
	  false },
	{ HEAD "tmpfs: Unknown parameter '" OURS UNUSABLE "'\n", NULL, false },
	{ HEAD OURS UNUSABLE "\n", OURS UNUSABLE, false },
	{ HEAD OURS UNUSABLE "\n DEVICE=+nd:namespace1.01\n", OURS UNUSABLE,
	  false },
	{ HEAD OURS UNUSABLE "\nDEVICE=+nd:namespace1.0\n", OURS UNUSABLE,
	  false },
	{ HEAD "pmem_altmapped namespace1.0: " UNUSABLE "\n", NULL, false },
	/* Another one's */
	{ HEAD
	  "pmem_altmap namespace1.01: do not use the namespace before a reboot\n",
	  NULL, false },
	{ HEAD "pmem_altmap namespace11.0: attached\n", NULL, false },
	{ HEAD "something else\n DEVICE=+nd:namespace1.0\n", NULL, false },
	{ "no record of namespace1.0", NULL, false },
	{ "", NULL, false },
};

static void hears(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct kmsg_words words = { 0 };
		char record[256];
		const char *text;

		snprintf(record, sizeof(record), "%s", cases[i].record);
		text = kmsg_text(record, "namespace1.0", &words);
		if (!text || !cases[i].text)
			assert_ptr_equal(text, cases[i].text);
		else
			assert_string_equal(text, cases[i].text);
		assert_int_equal(words.lines, !!cases[i].text);
		assert_int_equal(words.unusable, cases[i].unusable);
	}
}

/* /dev/kmsg gives a record a read: the longest of the kernel's, and what is behind it */
static void hears_long_ones(void **state)
{
	static const char end[] = UNUSABLE "\n" KEYS;
	static const char last[] = HEAD OURS "more";
	struct kmsg_words words;
	char record[8191];
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
				    ends),
			 0);
	memset(record, 'x', sizeof(record));
	memcpy(record, HEAD OURS, strlen(HEAD OURS));
	memcpy(record + sizeof(record) - strlen(end), end, strlen(end));
	assert_int_equal(write(ends[1], record, sizeof(record)),
			 sizeof(record));
	assert_int_equal(write(ends[1], last, strlen(last)), strlen(last));
	kmsg_hear(ends[0], "namespace1.0", false, &words);
	assert_int_equal(words.lines, 2);
	assert_true(words.unusable);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hears),
		cmocka_unit_test(hears_long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
