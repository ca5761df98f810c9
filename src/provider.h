/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A provider: one attached namespace, from the claim of its memory region to
 * its map. Everything hangs on the device, so unbinding undoes it in reverse.
 */
#ifndef PMA_PROVIDER_H
#define PMA_PROVIDER_H

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/ioport.h>
#include <linux/kref.h>

#include "infoblock.h"
#include "layout.h"
#include "map.h"

enum pma_provider_state {
	PMA_ATTACHED,
	PMA_QUIESCED,	/* no user mappings, and none can be made */
};

/**
 * struct pma_provider - one attached namespace
 * @ref: a file that is still open keeps the structure, not the map
 * @dev: the namespace; not held, there as long as the map
 * @inode: has the address space of all mappings of the data, whichever inode of the
 *	device node they were made through. There longer than the pages, whose
 *	->mapping memory_failure() follows
 * @infoblock: what its info block says
 * @map: the pages; gone with the device's driver
 * @state: changes under the device lock
 */
struct pma_provider {
	struct kref ref;
	struct device *dev;
	struct inode *inode;
	struct pma_infoblock infoblock;
	struct pma_map *map;
	enum pma_provider_state state;
};

struct pma_provider *pma_provider_attach(struct device *dev,
					 const struct resource *res,
					 const u8 *parent_uuid,
					 struct pma_refusal *why);
struct pma_provider *pma_provider_get(struct pma_provider *provider);
void pma_provider_put(struct pma_provider *provider);
u64 pma_provider_mappings(const struct pma_provider *provider);
int pma_provider_flush(struct pma_provider *provider);

#endif /* PMA_PROVIDER_H */
