// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ctype.h>
#include <linux/kernel.h>

#include "show/escape.h"

/**
 * pma_show_string - write a string of JSON, with its quotes
 * @seq: the file
 * @text: any bytes. Each byte beyond ASCII becomes the character of that number, so that text
 *	which is not UTF-8 gives valid JSON, too
 *
 * Context: any.
 */
void pma_show_string(struct seq_file *seq, const char *text)
{
	const unsigned char *c;

	seq_putc(seq, '"');
	for (c = (const unsigned char *)text; *c; c++) {
		if (!isascii(*c) || !isprint(*c))
			seq_printf(seq, "\\u%04x", *c);
		else
			seq_printf(seq, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
	}
	seq_putc(seq, '"');
}

/**
 * pma_word - make one word of a name, for a column of a table
 * @word: filled in; spaces, backslashes and bytes that do not print become \xNN
 * @size: bytes of @word, PMA_WORD_SIZE() of the bytes of @text
 * @text: any bytes
 *
 * Context: any.
 * Return: @word, or "-" for an empty @text.
 */
const char *pma_word(char *word, size_t size, const char *text)
{
	const unsigned char *c;
	char *to = word;

	for (c = (const unsigned char *)text; *c && word + size - to > 4; c++) {
		if (isascii(*c) && isgraph(*c) && *c != '\\')
			*to++ = *c;
		else
			to += scnprintf(to, word + size - to, "\\x%02x", *c);
	}
	*to = '\0';
	return to == word ? "-" : word;
}
