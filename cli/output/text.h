/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts that others wrote, such as names of files and processes, made safe to print. */
#ifndef ALTMAPCTL_TEXT_H
#define ALTMAPCTL_TEXT_H

#include <stddef.h>

/* What a reader can take besides printable ASCII */
enum text_reader {
	TEXT_ASCII, /* nothing else: a terminal without UTF-8 */
	TEXT_UTF8, /* UTF-8, but nothing that a terminal would obey */
	TEXT_JSON, /* UTF-8 and control characters, which json-c escapes itself */
};

/* Each byte can become \xNN */
#define TEXT_ESCAPED(bytes) (4 * (bytes))

char *text_escape(char *to, size_t size, const char *from,
		  enum text_reader reader);
enum text_reader text_terminal(void);
void text_unoctal(char *text);
const char *error_name(int error);

#endif /* ALTMAPCTL_TEXT_H */
