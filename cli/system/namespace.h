/* SPDX-License-Identifier: GPL-2.0-only */
/* A namespace as sysfs has it: its name, where it belongs, and its device node. */
#ifndef ALTMAPCTL_NAMESPACE_H
#define ALTMAPCTL_NAMESPACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "plan/pure.h"

#define NAME_LENGTH 32
#define NODE_NAME 64

/**
 * struct place - where a namespace belongs
 * @name: of the namespace
 * @region: such as region0
 * @bus: such as ndbus0
 * @provider: what "ndctl list -B" calls the bus's provider
 */
struct place {
	char name[NAME_LENGTH];
	char region[NAME_LENGTH];
	char bus[NAME_LENGTH];
	char provider[NAME_LENGTH];
};

/**
 * struct node - a device node
 * @name: below /dev
 * @dev: its device number
 * @align: bytes; the unit of mappings, 0 if that cannot be read
 */
struct node {
	char name[NODE_NAME];
	dev_t dev;
	u64 align;
};

bool name_is_namespace(const char *text);
bool name_find(const char *typed, char name[NAME_LENGTH]);
bool place_find(const char *namespace, struct place *place);
int node_find(const char *namespace, struct node *node);

#endif /* ALTMAPCTL_NAMESPACE_H */
