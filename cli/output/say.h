/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages: one line each on standard error. Standard output is for data. */
#ifndef ALTMAPCTL_SAY_H
#define ALTMAPCTL_SAY_H

#include <stdbool.h>

__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void say_note(const char *fmt, ...);
bool say_was_lost(void);

#endif /* ALTMAPCTL_SAY_H */
