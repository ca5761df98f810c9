/* SPDX-License-Identifier: GPL-2.0-only */
/* Which processes have a device open or mapped. */
#ifndef ALTMAPCTL_USERS_H
#define ALTMAPCTL_USERS_H

#include <stddef.h>
#include <sys/types.h>

/**
 * struct user - a process
 * @pid: its number
 * @comm: its name, which it chooses itself
 * @files: how many of its descriptors are the device
 * @mappings: how many of its VMAs map the device
 */
struct user {
	pid_t pid;
	char comm[32];
	unsigned int files;
	unsigned int mappings;
};

size_t users_find(dev_t dev, struct user *users, size_t max, int *blind);
void users_print(const struct user *users, size_t n, size_t max, char *text,
		 size_t size);

#endif /* ALTMAPCTL_USERS_H */
