/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_H
#define FUZZ_H

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "plan/refusal.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* An abort() that says what was wrong; libFuzzer then keeps the input */
#define CHECK(condition)                                                   \
	do {                                                               \
		if (!(condition)) {                                        \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, \
				__LINE__, #condition);                     \
			abort();                                           \
		}                                                          \
	} while (0)

/* What each refusal owes: a negative errno and one whole, printable line */
static inline void check_refusal(int rc, const struct pma_refusal *why)
{
	size_t i, length = strnlen(why->text, sizeof(why->text));

	CHECK(rc < 0 && rc == why->error);
	CHECK(length > 0 && length < sizeof(why->text) - 1);
	for (i = 0; i < length; i++)
		CHECK(isprint((unsigned char)why->text[i]));
}

/* The next little-endian number of the input; zeroes behind its end */
static inline u64 take(const u8 **data, size_t *size, int bytes)
{
	u64 value = 0;
	int i;

	for (i = 0; i < bytes && *size; i++, (*size)--, (*data)++)
		value |= (u64)(*data)[0] << (8 * i);
	return value;
}

#endif /* FUZZ_H */
