/* SPDX-License-Identifier: GPL-2.0-only */
/* The ranges of which the kernel has kept a part: the module's file "kept". */
#ifndef ALTMAPCTL_KEPT_H
#define ALTMAPCTL_KEPT_H

#include "plan/pure.h"

/**
 * struct kept - a range of which the kernel has kept a part until the next boot
 * @start: physical address
 * @size: bytes
 * @alloc: altmap pages that the kernel has kept
 * @device: the device whose range it was
 * @failed: "add" or "remove"
 */
struct kept {
	u64 start, size, alloc;
	char device[64];
	char failed[16];
};

int kept_parse_line(const char *line, size_t length, struct kept *kept);
int kept_each(int (*each)(const struct kept *kept, void *data), void *data);

#endif /* ALTMAPCTL_KEPT_H */
