/* SPDX-License-Identifier: GPL-2.0-only */
/* The device node of an attached namespace, as sysfs has it. */
#ifndef ALTMAPCTL_NODE_H
#define ALTMAPCTL_NODE_H

#include <sys/types.h>

#include "plan/pure.h"

#define NODE_NAME 64

/**
 * struct node - a device node
 * @name: below /dev
 * @dev: its number
 * @align: bytes; the unit of mappings, 0 if that cannot be read
 */
struct node {
	char name[NODE_NAME];
	dev_t dev;
	u64 align;
};

int node_find(const char *namespace, struct node *node);

#endif /* ALTMAPCTL_NODE_H */
