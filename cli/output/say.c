// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "output/say.h"
#include "output/text.h"

#define LINE 1024

static bool lost;

/* A line is one write, so that lines of several processes do not mix */
static bool write_line(const char *fmt, va_list args)
{
	char line[LINE], safe[TEXT_ESCAPED(LINE)];

	vsnprintf(line, sizeof(line), fmt, args);
	text_escape(safe, sizeof(safe), line, text_terminal());
	return fprintf(stderr, "altmapctl: %s\n", safe) >= 0;
}

/**
 * say - a message that nobody should miss: what is wrong, and what to do
 * @fmt: one line without a newline
 */
void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	lost |= !write_line(fmt, args);
	va_end(args);
}

/**
 * say_note - a message about a result that is printed elsewhere, too
 * @fmt: one line without a newline
 *
 * It is no error if such a message is lost.
 */
void say_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(fmt, args);
	va_end(args);
}

/**
 * say_was_lost - could a message of say() not be written?
 */
bool say_was_lost(void)
{
	return lost;
}
