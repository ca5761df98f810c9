/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What libnvdimm says of a namespace: whether it may be attached, what its info block
 * holds, which device claims it, and whose memory a physical address is.
 */
#ifndef PMA_NAMESPACE_H
#define PMA_NAMESPACE_H

#include <linux/device.h>

#include "plan/plan.h"
#include "plan/refusal.h"

#define PMA_OWNER_SIZE	32

/**
 * struct pma_owner - who has a range
 * @name: the namespace, or an empty string
 * @driver: what is bound to the namespace or to the device that claims it, or an empty
 *	string
 */
struct pma_owner {
	char name[PMA_OWNER_SIZE];
	char driver[PMA_OWNER_SIZE];
};

int pma_namespace_check(struct device *dev, struct pma_refusal *why);
int pma_namespace_plan(struct device *dev, struct pma_plan *plan,
		       struct pma_refusal *why);
int pma_namespace_get_holder(struct device *dev, struct device **holder,
			     struct pma_refusal *why);
int pma_namespace_lock_holder(struct device *dev, struct device *holder);
void pma_namespace_unlock_holder(struct device *holder);
void pma_namespace_init(const struct device_driver *drv);
void pma_namespace_find_owner(u64 start, struct pma_owner *owner);

#endif /* PMA_NAMESPACE_H */
