/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's files, out of an input: pieces that end with a NUL, the first byte of
 * each chooses the file, and the rest is what it holds. Stands in for cli/system/paths.c.
 */
#ifndef FILES_H
#define FILES_H

#include "fuzz.h"

void files_set(const u8 *data, size_t size);
/* What the file whose path ends so holds, NULL if it is not there */
const char *files_get(const char *end);
void files_free(void);

#endif /* FILES_H */
