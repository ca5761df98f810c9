/* SPDX-License-Identifier: GPL-2.0-only */
/* The region that a namespace is in, as far as libnvdimm shows it. */
#ifndef PMA_REGION_H
#define PMA_REGION_H

#include <linux/device.h>

#include "plan/refusal.h"

int pma_region_check(struct device *region, struct pma_refusal *why);

#endif /* PMA_REGION_H */
