/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Data of which each word says where it lies: 0xda7a, 16 bits of anything, and the
 * word's number. Whatever else is seen through a mapping is somebody else's memory.
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

#endif /* NODEWORDS_H */
