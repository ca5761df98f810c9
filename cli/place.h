/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a namespace belongs, without asking libndctl. */
#ifndef ALTMAPCTL_PLACE_H
#define ALTMAPCTL_PLACE_H

#include <stdbool.h>

#include "counters.h"

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

bool place_find(const char *namespace, struct place *place);

#endif /* ALTMAPCTL_PLACE_H */
