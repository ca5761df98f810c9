/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of devices and drivers of other modules, which can contain any bytes, made harmless.
 */
#ifndef PMA_ESCAPE_H
#define PMA_ESCAPE_H

#include <linux/seq_file.h>

/* The bytes that a name of size bytes, with the zero at its end, can take as a word. */
#define PMA_WORD_SIZE(size)	(((size) - 1) * 4 + 1)

void pma_show_string(struct seq_file *seq, const char *text);
const char *pma_word(char *word, size_t size, const char *text);

#endif /* PMA_ESCAPE_H */
