/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A provider: one range that was added, from the claim of its memory region to its
 * map. It is what other modules know as struct pmem_altmap.
 */
#ifndef PMA_PROVIDER_H
#define PMA_PROVIDER_H

#include <linux/bits.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/ioport.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/pmem_altmap.h>

#include "core/kept.h"
#include "map/map.h"
#include "plan/refusal.h"

/* How pma_provider_add() adds */
#define PMA_DRIVER_OWNED	BIT(0)
#define PMA_CLIENT		BIT(1)

enum pma_provider_state {
	PMA_ATTACHED,
	PMA_QUIESCED,	/* no user mappings, and none can be made */
};

/* Changes under the lock of the list */
enum pma_provider_phase {
	PMA_ADDING,
	PMA_TELLING,	/* it is there, and others are being told so */
	PMA_LIVE,
	PMA_REMOVING,
};

/**
 * struct pmem_altmap - one range that was added
 * @ref: a file that is still open keeps the structure, not the map
 * @node: in the list of all
 * @phase: whether pmem_altmap_get() may find it
 * @users: references by pmem_altmap_get(), under the lock of the list
 * @driver_owned: goes when its device's driver is unbound, and not by pmem_altmap_remove()
 * @client: another module has added it, whose business its pages are
 * @owner: the module that called pmem_altmap_add() and has not gone, never followed; else
 *	NULL. Changes under the lock of the list
 * @dev: whose it is; held as long as it is in the list
 * @stand_in: takes the place of @dev when the module goes that has added it; NULL if
 *	@driver_owned
 * @claim: what was requested for it, or NULL where the caller owns the region
 * @kept: what is taken down if the kernel keeps a part of it; NULL once it was
 * @inode: NULL, or has the address space of all mappings of the data, whichever inode of
 *	the device node they were made through. There longer than the pages, whose
 *	->mapping memory_failure() follows
 * @map: the pages; there while it is in the list and not PMA_ADDING
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
	struct pma_map *map;
	enum pma_provider_state state;
};

void pma_provider_refused(const struct device *dev, const char *what,
			  const struct pma_refusal *why);
int pma_provider_check_range(u64 start, u64 size, struct pma_refusal *why);
struct pmem_altmap *pma_provider_add(const struct pmem_altmap_spec *spec,
				     unsigned int how, const struct module *owner,
				     struct pma_refusal *why);
void pma_provider_disown(struct pmem_altmap *provider);
void pma_provider_release_region(struct pmem_altmap *provider, bool removing);
void pma_provider_notice(struct pmem_altmap *provider,
			 struct pmem_altmap_notice *notice);
struct pmem_altmap *pma_provider_get(struct pmem_altmap *provider);
void pma_provider_put(struct pmem_altmap *provider);
u64 pma_provider_mappings(const struct pmem_altmap *provider);
void pma_provider_read(const struct pmem_altmap *provider,
		       struct pmem_altmap_counters *counters);

#endif /* PMA_PROVIDER_H */
