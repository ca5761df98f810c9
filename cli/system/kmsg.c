// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "output/say.h"
#include "system/kmsg.h"

#define DRIVER "pmem_altmap"
/* The module says so when an add or a remove has stopped half-way */
#define UNUSABLE "do not use the namespace before a reboot"

/* The kernel's CONSOLE_EXT_LOG_MAX: no record is longer with its keys */
#define RECORD_MAX 8192

/**
 * kmsg_open - listen to the kernel's log from now on
 *
 * Return: a descriptor for kmsg_hear(), or a negative errno.
 */
int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_END);
	return fd;
}

/* Is @name in the text, and not only as the beginning of a longer name? */
static bool is_about(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	for (; at; at = strstr(at + 1, name))
		if (!isdigit((unsigned char)at[strlen(name)]))
			return true;
	return false;
}

static const char *behind(const char *text, const char *start)
{
	size_t n = strlen(start);

	return strncmp(text, start, n) ? NULL : text + n;
}

/*
 * Is it the device's record? Only the kernel itself can add the key DEVICE, in a line of
 * its own behind the text.
 */
static bool has_device(const char *keys, const char *name)
{
	const char *end;

	for (; *keys; keys += strcspn(keys, "\n"), keys += *keys == '\n') {
		end = behind(keys, " DEVICE=+nd:");
		end = end ? behind(end, name) : NULL;
		if (end && (!*end || *end == '\n'))
			return true;
	}
	return false;
}

/**
 * kmsg_text - the text of a record, if it is about a namespace
 * @record: as /dev/kmsg has it; cut at the end of the text
 * @name: of the namespace
 * @words: added to
 *
 * Users can make the kernel log a text of theirs, such as an unknown mount option. So the
 * record has to be the device's, or begin as the driver's lines do.
 *
 * Return: the text, or NULL.
 */
const char *kmsg_text(char *record, const char *name, struct kmsg_words *words)
{
	char *text = strchr(record, ';'), *keys;
	const char *rest;
	bool device;

	if (!text)
		return NULL;
	text++;
	keys = text + strcspn(text, "\n");
	if (*keys)
		*keys++ = '\0';
	device = has_device(keys, name);
	rest = behind(text, DRIVER);
	if (!is_about(text, name) ||
	    (!device && !(rest && (*rest == ':' || *rest == ' '))))
		return NULL;
	words->lines++;
	rest = behind(text, DRIVER " ");
	rest = rest ? behind(rest, name) : NULL;
	words->unusable |=
		device && rest && *rest == ':' && strstr(rest, UNUSABLE);
	return text;
}

/**
 * kmsg_hear - read what the kernel has logged about a namespace since kmsg_open()
 * @fd: from kmsg_open(), which may be an error; closed
 * @name: of the namespace
 * @repeat: print it as well
 * @words: filled in
 */
void kmsg_hear(int fd, const char *name, bool repeat, struct kmsg_words *words)
{
	char record[RECORD_MAX + 1];
	const char *text;
	ssize_t n;

	memset(words, 0, sizeof(*words));
	if (fd < 0)
		return;
	for (;;) {
		n = read(fd, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE)
			words->lost = true;
		/* Records were overwritten, or one is too long: read the next one */
		if (n < 0 &&
		    (errno == EPIPE || errno == EINTR || errno == EINVAL))
			continue;
		if (n <= 0)
			break;
		record[n] = '\0';
		text = kmsg_text(record, name, words);
		if (text && repeat)
			say("kernel: %s", text);
	}
	close(fd);
	if (words->lost)
		say("%s: some of what the kernel said meanwhile was lost, so much was written to its log: see 'journalctl -k'",
		    name);
}
