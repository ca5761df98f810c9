/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The holder of a namespace: the dax device of libnvdimm that claims it, left
 * without a driver. The device node goes below it then, where libndctl looks.
 */
#ifndef PMA_HOLDER_H
#define PMA_HOLDER_H

#include <linux/device.h>

#include "plan/refusal.h"

int pma_holder_get(struct device *dev, struct device **holder,
		   struct pma_refusal *why);
int pma_holder_lock(struct device *dev, struct device *holder);
void pma_holder_unlock(struct device *holder);

#endif /* PMA_HOLDER_H */
