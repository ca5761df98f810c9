/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes as people write and read them. Pure code. */
#ifndef ALTMAPCTL_UNITS_H
#define ALTMAPCTL_UNITS_H

#include <stddef.h>

#include "plan/pure.h"

/* Enough for any u64 */
#define UNITS_SIZE 48

int units_parse(const char *text, u64 *bytes);
const char *units_print(u64 bytes, char text[UNITS_SIZE]);
const char *units_short(u64 bytes, char text[UNITS_SIZE]);

#endif /* ALTMAPCTL_UNITS_H */
