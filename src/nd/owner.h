/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose device memory a range is, as far as the nd bus can tell.
 */
#ifndef PMA_OWNER_H
#define PMA_OWNER_H

#include <linux/device.h>

#define PMA_OWNER_SIZE	32

/**
 * struct pma_owner - who has a range
 * @name: the namespace, or an empty string
 * @driver: what is bound to it or to what claims it, or an empty string
 */
struct pma_owner {
	char name[PMA_OWNER_SIZE];
	char driver[PMA_OWNER_SIZE];
};

void pma_owner_init(const struct device_driver *drv);
void pma_owner_find(u64 start, struct pma_owner *owner);

#endif /* PMA_OWNER_H */
