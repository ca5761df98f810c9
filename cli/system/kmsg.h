/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel logs about a namespace while something is done to it. */
#ifndef ALTMAPCTL_KMSG_H
#define ALTMAPCTL_KMSG_H

#include <stdbool.h>

/**
 * struct kmsg_words - what was logged
 * @lines: how many lines
 * @unusable: the kernel keeps a part of the namespace until the next boot
 * @lost: some records were overwritten before they could be read
 */
struct kmsg_words {
	int lines;
	bool unusable;
	bool lost;
};

int kmsg_open(void);
void kmsg_hear(int fd, const char *name, bool repeat, struct kmsg_words *words);
const char *kmsg_text(char *record, const char *name, struct kmsg_words *words);

#endif /* ALTMAPCTL_KMSG_H */
