// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <langinfo.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/text.h"

/* The bytes of the UTF-8 character that @s begins with, or 0 if that is none */
static size_t decode(const unsigned char *s, unsigned int *point)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n, i;

	n = *s < 0x80		? 1 :
	    (*s & 0xe0) == 0xc0 ? 2 :
	    (*s & 0xf0) == 0xe0 ? 3 :
	    (*s & 0xf8) == 0xf0 ? 4 :
				  0;
	*point = n > 1 ? *s & (0x7f >> n) : *s;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (s[i] & 0x3f);
	}
	if (!n || *point < least[n] || *point > 0x10ffff ||
	    (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return n;
}

/* Control characters, and those that reverse the order of what follows */
static bool is_obeyed(unsigned int point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	       point == 0x61c || point == 0x200e || point == 0x200f ||
	       (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

/**
 * text_escape - write each byte that a reader cannot take as \xNN
 * @to: filled in, cut between two characters if @size is too small
 * @size: bytes of @to; TEXT_ESCAPED() of @from's are always enough
 * @from: anybody's text
 * @reader: who reads it
 *
 * A backslash is left alone, so that ordinary names look as they are. The result is for
 * people: it cannot be turned back into @from for certain.
 *
 * Return: @to.
 */
char *text_escape(char *to, size_t size, const char *from,
		  enum text_reader reader)
{
	const unsigned char *s = (const unsigned char *)from;
	unsigned int point;
	size_t n, used = 0;

	for (; *s; s += n) {
		n = decode(s, &point);
		if (n && (n == 1 || reader != TEXT_ASCII) &&
		    (reader == TEXT_JSON || !is_obeyed(point))) {
			if (used + n >= size)
				break;
			memcpy(to + used, s, n);
			used += n;
			continue;
		}
		/* One byte at a time: the next one may begin a character */
		n = 1;
		if (used + 4 >= size)
			break;
		used += sprintf(to + used, "\\x%02x", *s);
	}
	to[used] = '\0';
	return to;
}

/**
 * text_terminal - what may be written to a terminal
 *
 * Return: what the locale that main() has set allows.
 */
enum text_reader text_terminal(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") ? TEXT_ASCII : TEXT_UTF8;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/**
 * text_unoctal - turn a word of one of the kernel's tables back into a name
 * @text: a word of /proc/mounts or /proc/swaps, changed in place
 *
 * The kernel writes a blank in a name as "\040", and so on, and a backslash as "\134".
 */
void text_unoctal(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
		    is_octal(text[2]) && is_octal(text[3])) {
			*to++ = (text[1] - '0') << 6 | (text[2] - '0') << 3 |
				(text[3] - '0');
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

#define NAME(error)           \
	{                     \
		error, #error \
	}

/* strerrorname_np() is newer than Debian 11's library. These are the module's errors. */
static const struct {
	int error;
	const char *name;
} names[] = {
	NAME(EPERM),  NAME(ENOENT), NAME(EIO),	      NAME(ENXIO),
	NAME(ENOMEM), NAME(EACCES), NAME(EBUSY),      NAME(ENODEV),
	NAME(EINVAL), NAME(ENOSPC), NAME(ERANGE),     NAME(EBADMSG),
	NAME(EINTR),  NAME(EEXIST), NAME(EOPNOTSUPP), NAME(EROFS),
	NAME(EMFILE), NAME(ENFILE), NAME(ENOTDIR),    NAME(EALREADY),
};

/**
 * error_name - an errno as in the manual pages
 * @error: negative or not
 *
 * Return: a name such as "EBUSY", or "error" for a number that is not in the table.
 */
const char *error_name(int error)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == abs(error))
			return names[i].name;
	return "error";
}
