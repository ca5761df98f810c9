/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A provider: one attached namespace, from the claim of its memory region to
 * its map. Everything hangs on the device, so unbinding undoes it in reverse.
 */
#ifndef PMA_PROVIDER_H
#define PMA_PROVIDER_H

#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/ioport.h>

#include "infoblock.h"
#include "layout.h"
#include "map.h"

/**
 * struct pma_provider - one attached namespace
 * @dev: the namespace
 * @infoblock: what its info block says
 * @map: the pages
 * @mappings: user mappings of the data
 */
struct pma_provider {
	struct device *dev;
	struct pma_infoblock infoblock;
	struct pma_map *map;
	atomic_long_t mappings;
};

struct pma_provider *pma_provider_attach(struct device *dev,
					 const struct resource *res,
					 const u8 *parent_uuid,
					 struct pma_refusal *why);

#endif /* PMA_PROVIDER_H */
