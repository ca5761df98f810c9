// SPDX-License-Identifier: GPL-2.0-only
#include "plan/refusal.h"

/**
 * pma_refuse - record why something is refused
 * @why: filled in; a text that does not fit is cut, never overrun
 * @error: negative errno
 * @fmt: one line without a newline: what, the numbers, what to do
 *
 * Context: any.
 * Return: @error, so that a check can end in "return pma_refuse(...)".
 */
int pma_refuse(struct pma_refusal *why, int error, const char *fmt, ...)
{
	va_list args;

	why->error = error;
	va_start(args, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return error;
}
