/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages: one line each on standard error. Standard output is for data. */
#ifndef ALTMAPCTL_SAY_H
#define ALTMAPCTL_SAY_H

__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);

void say_printable(char *text);

#endif /* ALTMAPCTL_SAY_H */
