// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/slab.h>

#include "core/provider.h"
#include "trace/trace.h"

/**
 * pma_provider_refused - say in the log and in a trace why something was refused
 * @dev: whose range it is about
 * @what: what was not done: "attached", "added", ...
 * @why: filled in
 *
 * Context: any.
 */
void pma_provider_refused(const struct device *dev, const char *what,
			  const struct pma_refusal *why)
{
	dev_err(dev, "not %s (error %d): %s\n", what, why->error, why->text);
	trace_pmem_altmap_refuse(dev_name(dev), why->error, why->text);
}

static void provider_free(struct kref *ref)
{
	struct pmem_altmap *provider = container_of(ref, struct pmem_altmap, ref);

	iput(provider->inode);
	put_device(provider->stand_in);
	kfree(provider->kept);
	kfree(provider);
}

static void stand_in_release(struct device *dev)
{
	kfree(dev);
}

static int make_stand_in(struct pmem_altmap *provider, struct pma_refusal *why)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return pma_refuse(why, -ENOMEM, "no memory for a device");
	device_initialize(dev);
	dev->release = stand_in_release;
	provider->stand_in = dev;
	if (dev_set_name(dev, "%s", dev_name(provider->dev)))
		return pma_refuse(why, -ENOMEM, "no memory for a name");
	return 0;
}

/**
 * pma_provider_get - hold on to the structure
 * @provider: one that the caller knows to be there
 *
 * Context: any.
 * Return: @provider.
 */
struct pmem_altmap *pma_provider_get(struct pmem_altmap *provider)
{
	kref_get(&provider->ref);
	return provider;
}

/**
 * pma_provider_put - let go of the structure
 * @provider: from pma_provider_get()
 *
 * Context: process, may sleep.
 */
void pma_provider_put(struct pmem_altmap *provider)
{
	kref_put(&provider->ref, provider_free);
}

/**
 * pma_provider_alloc - make the structure of a provider
 * @plan: copied
 * @dev: whose memory it is
 * @driver_owned: whether the range goes with the driver of @dev
 * @why: filled in on failure
 *
 * All memory that a failure would need is allocated here: for a device that takes the place
 * of @dev, and for an entry in the list of what the kernel has kept.
 *
 * Context: process, may sleep.
 * Return: a provider for pma_provider_put(), or an ERR_PTR.
 */
struct pmem_altmap *pma_provider_alloc(const struct pma_plan *plan,
				       struct device *dev, bool driver_owned,
				       struct pma_refusal *why)
{
	struct pmem_altmap *provider;
	int rc;

	provider = kzalloc(sizeof(*provider), GFP_KERNEL);
	if (!provider) {
		rc = pma_refuse(why, -ENOMEM, "no memory for a provider");
		return ERR_PTR(rc);
	}
	kref_init(&provider->ref);
	provider->plan = *plan;
	provider->dev = dev;
	provider->driver_owned = driver_owned;
	rc = driver_owned ? 0 : make_stand_in(provider, why);
	if (rc)
		goto put;
	provider->kept = pma_kept_prepare(dev_name(dev), plan->start, plan->size);
	if (provider->kept)
		return provider;
	rc = pma_refuse(why, -ENOMEM, "no memory for what may be kept");
put:
	pma_provider_put(provider);
	return ERR_PTR(rc);
}

/**
 * pma_provider_mappings - count the user mappings of the data
 * @provider: a live one
 *
 * The kernel merges and splits mappings without a word to their driver, so they are counted
 * in the tree in which memory_failure() looks for them.
 *
 * Context: process, may sleep.
 * Return: how many.
 */
u64 pma_provider_mappings(const struct pmem_altmap *provider)
{
	/* Pairs with pma_node_publish(), which may run after debugfs shows the provider. */
	struct inode *inode = smp_load_acquire(&provider->inode);
	struct address_space *mapping;
	struct rb_node *node;
	u64 n = 0;

	/* Without a device node nothing can be mapped. */
	if (!inode)
		return 0;
	mapping = inode->i_mapping;
	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node; node = rb_next(node))
		n++;
	i_mmap_unlock_read(mapping);
	return n;
}

/**
 * pma_provider_read - the state of a provider
 * @provider: a live one
 * @counters: filled in; the altmap's from the kernel's own copy, not from the plan
 *
 * Context: any.
 */
void pma_provider_read(const struct pmem_altmap *provider,
		       struct pmem_altmap_counters *counters)
{
	const struct pma_map *map = provider->map;
	const struct vmem_altmap *altmap = &map->pgmap.altmap;

	*counters = (struct pmem_altmap_counters) {
		.base_pfn = altmap->base_pfn,
		.end_pfn = altmap->end_pfn,
		.reserve = altmap->reserve,
		.free = READ_ONCE(altmap->free),
		.align = READ_ONCE(altmap->align),
		.alloc = READ_ONCE(altmap->alloc),
		.offset = pma_map_offset(map),
		.nr_free = pma_map_nr_free(map),
		.data_start = provider->plan.data_start,
		.data_size = provider->plan.data_size,
		.dram_memmap = map->dram_memmap,
		.attach_ns = map->attach_ns,
		.users = READ_ONCE(provider->users),
	};
}

/**
 * pma_provider_notice - what notifiers are told of a provider
 * @provider: in the registry
 * @notice: filled in
 *
 * Context: any.
 */
void pma_provider_notice(struct pmem_altmap *provider,
			 struct pmem_altmap_notice *notice)
{
	*notice = (struct pmem_altmap_notice) {
		.altmap = provider,
		.dev = provider->dev,
		.start = provider->plan.start,
		.size = provider->plan.size,
	};
}
