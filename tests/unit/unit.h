/* SPDX-License-Identifier: GPL-2.0-only */
/* What every unit test needs; cmocka.h wants the first four before it. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/refusal.h"

#define KIB (1ULL << 10)
#define MIB (1ULL << 20)
#define GIB (1ULL << 30)
#define TIB (1ULL << 40)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* One line, whole, and each of @says (NULL: no more) is in it */
static inline void assert_refused(int rc, const struct pma_refusal *why,
				  int error, const char *const *says, size_t n)
{
	size_t i;

	if (rc != error)
		fail_msg("returned %d instead of %d: %s", rc, error, why->text);
	assert_int_equal(why->error, error);
	assert_in_range(strlen(why->text), 1, sizeof(why->text) - 2);
	assert_null(strchr(why->text, '\n'));
	for (i = 0; i < n && says[i]; i++) {
		if (!strstr(why->text, says[i]))
			fail_msg("no '%s' in: %s", says[i], why->text);
	}
}

static inline void assert_accepted(int rc, const struct pma_refusal *why)
{
	if (rc)
		fail_msg("refused (%d): %s", rc, why->text);
}

#endif /* UNIT_H */
