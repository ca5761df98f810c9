// SPDX-License-Identifier: GPL-2.0-only
/*
 * What altmapctl hears in the kernel's log, and how it names processes: a record, a NUL,
 * and the name that a process gives itself.
 */
#include "fuzz.h"
#include "system/kmsg.h"
#include "use/users.h"

#define NAME "namespace1.0"
#define OURS "pmem_altmap " NAME ":"
#define UNUSABLE "do not use the namespace before a reboot"

/* Is it in a text, and not as the beginning of a longer name? */
static bool names(const char *text, size_t length)
{
	size_t i, n = strlen(NAME);

	for (i = 0; i + n <= length; i++)
		if (!memcmp(text + i, NAME, n) &&
		    (i + n == length || text[i + n] < '0' || text[i + n] > '9'))
			return true;
	return false;
}

/* Is the device's name the whole of a line's value, behind the text? */
static bool has_device(const char *behind_text)
{
	static const char line[] = "\n DEVICE=+nd:" NAME;
	const char *at = strstr(behind_text, line);

	for (; at; at = strstr(at + 1, line))
		if (strchr("\n", at[strlen(line)]))
			return true;
	return false;
}

static void check_record(const char *whole)
{
	const char *from = strchr(whole, ';');
	struct kmsg_words words = { 0 };
	char *record = strdup(whole);
	const char *text = kmsg_text(record, NAME, &words);
	size_t length = from ? strcspn(from + 1, "\n") : 0;
	bool device = from && has_device(from + 1 + length);
	bool driver = from && (!strncmp(from + 1, "pmem_altmap ", 12) ||
			       !strncmp(from + 1, "pmem_altmap:", 12));
	bool wanted = from && names(from + 1, length) && (device || driver);

	CHECK(!!text == wanted && words.lines == wanted);
	if (text) {
		CHECK(strlen(text) == length &&
		      !memcmp(text, from + 1, length));
		CHECK(words.unusable ==
		      (device && !strncmp(text, OURS, strlen(OURS)) &&
		       strstr(text, UNUSABLE)));
	} else {
		CHECK(!words.unusable);
	}
	free(record);
}

static void check_users(const char *comm)
{
	const size_t size = strlen(comm) * 5 % 300 + 1;
	struct user users[3] = { { .pid = 1, .files = 2 },
				 { .pid = 4194304, .mappings = ~0U } };
	char *text = malloc(size);
	size_t n;

	for (n = 0; n < 3; n++)
		snprintf(users[n].comm, sizeof(users[n].comm), "%s", comm);
	/* Of the exact size, so that the sanitizer sees an overrun */
	for (n = 0; n < 6; n++) {
		users_print(users, n, 3, text, size);
		CHECK(strnlen(text, size) < size);
		CHECK(!n == !*text || size == 1);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = malloc(size + 1);
	size_t length;

	memcpy(text, data, size);
	text[size] = '\0';
	length = strlen(text);
	check_record(text);
	check_users(length < size ? text + length + 1 : "");
	free(text);
	return 0;
}
