/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a provider: a plan is executed, and undone.
 */
#ifndef PMA_LIFECYCLE_H
#define PMA_LIFECYCLE_H

#include <linux/device.h>
#include <linux/ioport.h>

#include "core/provider.h"
#include "plan/plan.h"
#include "plan/refusal.h"

/**
 * struct pma_terms - on which terms a plan is executed
 * @dev: whose memory it is; held while the range is there
 * @nid: an online NUMA node, or NUMA_NO_NODE for that of @dev
 * @flags: PMEM_ALTMAP_NO_SCAN, PMEM_ALTMAP_NO_COMPOUND
 * @region: a requested memory region that holds the whole range, or NULL to have one
 *	requested
 * @driver_owned: the range is removed when the driver of @dev is unbound
 * @client: another module adds the range, and decides who uses its pages
 * @owner: the only module that may remove the range; NULL if @driver_owned
 */
struct pma_terms {
	struct device *dev;
	int nid;
	unsigned int flags;
	const struct resource *region;
	bool driver_owned;
	bool client;
	const struct module *owner;
};

int pma_check_range(u64 start, u64 size, struct pma_refusal *why);
struct pmem_altmap *pma_add(const struct pma_plan *plan,
			    const struct pma_terms *terms,
			    struct pma_refusal *why);
int pma_remove(struct pmem_altmap *provider, const struct module *owner);
void pma_remove_forgotten(struct pmem_altmap *provider);

#endif /* PMA_LIFECYCLE_H */
