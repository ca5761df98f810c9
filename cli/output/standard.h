/* SPDX-License-Identifier: GPL-2.0-only */
/* The standard files: they are open, and output that is lost is an error. */
#ifndef ALTMAPCTL_OUTPUT_H
#define ALTMAPCTL_OUTPUT_H

#include <stdbool.h>

bool output_begin(void);
bool output_has_reader(void);
int output_flush(void);
int output_end(int status);

#endif /* ALTMAPCTL_OUTPUT_H */
