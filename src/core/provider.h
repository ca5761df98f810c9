/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A provider: one range that was added, from the claim of its memory region to its map. Other
 * modules know it as struct pmem_altmap.
 */
#ifndef PMA_PROVIDER_H
#define PMA_PROVIDER_H

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/ioport.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/pmem_altmap.h>

#include "core/kept.h"
#include "map/map.h"
#include "plan/plan.h"
#include "plan/refusal.h"

enum pma_provider_state {
	PMA_ATTACHED,
	PMA_QUIESCED,	/* no user mappings, and none can be made */
};

/* The lock of the list protects the phase. */
enum pma_provider_phase {
	PMA_ADDING,
	PMA_TELLING,	/* the range is there, and notifiers are being told */
	PMA_LIVE,
	PMA_REMOVING,
};

/**
 * struct pmem_altmap - one range that was added
 * @ref: an open file keeps the structure, not the map
 * @node: in the list of all providers
 * @phase: whether pmem_altmap_get() may find the provider
 * @users: references by pmem_altmap_get(), under the lock of the list
 * @driver_owned: the range goes when the driver of @dev is unbound, and not by
 *	pmem_altmap_remove()
 * @client: another module has added the range, and decides who uses its pages
 * @owner: the module that called pmem_altmap_add(), until it is unloaded; else NULL. The
 *	pointer is compared and never followed, under the lock of the list
 * @dev: the device whose range it is; held as long as the provider is in the list
 * @stand_in: takes the place of @dev when the module that has added the range is unloaded;
 *	NULL if @driver_owned
 * @claim: the region that was requested, or NULL where the caller owns the region
 * @kept: the entry for the list of kept ranges, until it is needed there
 * @inode: NULL, or the inode with the address space of all mappings of the data, through
 *	whichever inode of the device node they were made. It outlives the pages, whose
 *	->mapping memory_failure() follows
 * @plan: the plan that was executed; it does not change
 * @map: the pages; there while the provider is in the list and not PMA_ADDING
 * @state: changes under the device lock
 */
struct pmem_altmap {
	struct kref ref;
	struct list_head node;
	enum pma_provider_phase phase;
	unsigned int users;
	bool driver_owned;
	bool client;
	const struct module *owner;
	struct device *dev;
	struct device *stand_in;
	struct pma_claim *claim;
	struct pma_kept *kept;
	struct inode *inode;
	struct pma_plan plan;
	struct pma_map *map;
	enum pma_provider_state state;
};

void pma_provider_refused(const struct device *dev, const char *what,
			  const struct pma_refusal *why);
struct pmem_altmap *pma_provider_alloc(const struct pma_plan *plan,
				       struct device *dev, bool driver_owned,
				       struct pma_refusal *why);
void pma_provider_notice(struct pmem_altmap *provider,
			 struct pmem_altmap_notice *notice);
struct pmem_altmap *pma_provider_get(struct pmem_altmap *provider);
void pma_provider_put(struct pmem_altmap *provider);
u64 pma_provider_mappings(const struct pmem_altmap *provider);
void pma_provider_read(const struct pmem_altmap *provider,
		       struct pmem_altmap_counters *counters);

#endif /* PMA_PROVIDER_H */
