// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "say.h"

/**
 * say_printable - leave nothing in a text that a terminal would obey
 * @text: changed in place
 *
 * Names of processes, mount points and the like are anybody's.
 */
void say_printable(char *text)
{
	for (; *text; text++)
		if (!isprint((unsigned char)*text))
			*text = '?';
}

/* One write, so that lines of several processes do not mix */
void say(const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	say_printable(line);
	fprintf(stderr, "altmapctl: %s\n", line);
}
