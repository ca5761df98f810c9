/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of other modules' devices and drivers, which can have anything in them.
 */
#ifndef PMA_ESCAPE_H
#define PMA_ESCAPE_H

#include <linux/seq_file.h>

/* Bytes that a name of so many bytes, with the zero at its end, takes as a word */
#define PMA_WORD_SIZE(size)	(((size) - 1) * 4 + 1)

void pma_show_string(struct seq_file *seq, const char *text);
const char *pma_word(char *word, size_t size, const char *text);

#endif /* PMA_ESCAPE_H */
