/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Data of which each word says where it lies: 0xda7a, 16 bits of anything, and the
 * word's number. Whatever else is seen through a mapping is somebody else's memory. Where
 * there is more than one namespace, the first of the 16 bits tells which it is of.
 */
#ifndef NODEWORDS_H
#define NODEWORDS_H

#include "fuzzrand.h"

static inline u64 word_of(u64 offset, u64 any)
{
	return 0xda7aULL << 48 | (any & 0xffff) << 32 | offset / 8;
}

static inline int is_word_of(u64 word, u64 offset)
{
	return word_of(offset, word >> 32) == word;
}

static inline u64 word_of_space(u64 offset, int space, u64 any)
{
	return word_of(offset, (any & 0x7fff) | space << 15);
}

static inline int is_word_of_space(u64 word, u64 offset, int space)
{
	return word_of_space(offset, space, word >> 32) == word;
}

#endif /* NODEWORDS_H */
