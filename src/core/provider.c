// SPDX-License-Identifier: GPL-2.0-only
#include <linux/crash_dump.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/numa.h>
#include <linux/rbtree.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "core/failure.h"
#include "core/notify.h"
#include "core/provider.h"
#include "core/registry.h"
#include "core/remove.h"
#include "map/pins.h"
#include "map/scan.h"
#include "trace/trace.h"

/**
 * pma_provider_refused - say why something was refused
 * @dev: whose it is
 * @what: was not done: "attached", "added", ...
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

/**
 * pma_provider_check_range - what can be known without touching a range
 * @start: physical address
 * @size: bytes
 * @why: filled in on refusal
 *
 * Context: process, may sleep.
 * Return: 0, -EPERM (kdump), -EOPNOTSUPP, -EBUSY (System RAM, or the kernel has kept a part
 * of it) or -ERANGE.
 */
int pma_provider_check_range(u64 start, u64 size, struct pma_refusal *why)
{
	const struct range mhp = pma_map_addable();
	const struct resource res = DEFINE_RES_MEM(start, size);

	/* The dump kernel must find the old kernel's memmap as it was */
	if (is_kdump_kernel())
		return pma_refuse(why, -EPERM,
				  "this is a kdump kernel, attaching would overwrite the memmap to be dumped: attach after the reboot");
	if (!boot_cpu_has(X86_FEATURE_PSE))
		return pma_refuse(why, -EOPNOTSUPP,
				  "this CPU has no 2 MiB pages (Xen PV?), which an altmap needs: use --map=mem");
	if (res.start < mhp.start || res.end > mhp.end)
		return pma_refuse(why, -ERANGE,
				  "%pR is outside of [mem %#llx-%#llx], all that this kernel can hot-add: try nokaslr, or 5-level paging",
				  &res, mhp.start, mhp.end);
	if (region_intersects(res.start, resource_size(&res),
			      IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) !=
	    REGION_DISJOINT)
		return pma_refuse(why, -EBUSY,
				  "%pR overlaps System RAM: see /proc/iomem, correct memmap= or the firmware's tables",
				  &res);
	return pma_kept_check(res.start, resource_size(&res), why);
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
 * pma_provider_mappings - count the user mappings of the data
 * @provider: a live one
 *
 * The kernel merges and splits them without a word to their owner, so they are
 * counted where memory_failure() finds them, too.
 *
 * Context: process, may sleep.
 * Return: how many.
 */
u64 pma_provider_mappings(const struct pmem_altmap *provider)
{
	/* Pairs with pma_chardev_publish(), which may come later than who reads this */
	struct inode *inode = smp_load_acquire(&provider->inode);
	struct address_space *mapping;
	struct rb_node *node;
	u64 n = 0;

	/* Only what has a device node can be mapped */
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
		.data_start = map->layout.data_start,
		.data_size = map->layout.data_size,
		.dram_memmap = map->dram_memmap,
		.attach_ns = map->attach_ns,
		.users = READ_ONCE(provider->users),
	};
}

static int claim_region(struct pmem_altmap *provider,
			const struct pmem_altmap_spec *spec,
			struct pma_refusal *why)
{
	const struct resource range = DEFINE_RES_MEM(spec->start, spec->size);
	const struct resource *region = spec->region;

	if (region) {
		if (resource_type(region) == IORESOURCE_MEM &&
		    region->flags & IORESOURCE_BUSY &&
		    region->start <= range.start && range.end <= region->end)
			return 0;
		return pma_refuse(why, -EINVAL,
				  "%pR is not in the requested region %pR: request a region that holds it all, or none",
				  &range, region);
	}
	provider->claim = pma_claim_request(spec->start, spec->size,
					    dev_name(spec->dev));
	if (provider->claim)
		return 0;
	return pma_refuse(why, -EBUSY,
			  "%pR is in use by another driver: see /proc/iomem, and unbind that",
			  &range);
}

/**
 * pma_provider_release_region - give up what was requested for a provider
 * @provider: not added, or removed
 * @removing: which of the two
 *
 * Not where the kernel has kept a part of it, which is taken down here.
 *
 * Context: process, may sleep.
 */
void pma_provider_release_region(struct pmem_altmap *provider, bool removing)
{
	if (provider->map->kept) {
		pma_kept_add(provider->kept, provider->map->pgmap.altmap.alloc,
			     removing);
		provider->kept = NULL;
	}
	pma_claim_release(provider->claim);
	provider->claim = NULL;
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
		.start = provider->map->layout.start,
		.size = provider->map->layout.size,
	};
}

static int map_it(struct pmem_altmap *provider, int nid, struct pma_refusal *why)
{
	struct pma_map *map = provider->map;
	int rc;

	trace_pmem_altmap_add_begin(provider->dev, &map->layout);
	rc = pma_map_add(map, nid, why);
	trace_pmem_altmap_add_end(provider->dev, &map->layout, rc, map->attach_ns,
				  map->pgmap.altmap.alloc);
	return rc;
}

/* All checks that want the region, then those who may refuse, then the memory */
static int add_claimed(struct pmem_altmap *provider,
		       const struct pmem_altmap_spec *spec, int nid,
		       struct pma_refusal *why)
{
	struct pmem_altmap_notice notice;
	int rc;

	rc = pma_map_check(provider->map, why);
	if (!rc && !(spec->flags & PMEM_ALTMAP_NO_SCAN))
		rc = pma_scan(&provider->map->layout, why);
	if (rc)
		return rc;
	pma_provider_notice(provider, &notice);
	rc = pma_notify(PMEM_ALTMAP_ADDING, &notice);
	/* The driver core would probe again later, with any driver */
	if (rc == -EPROBE_DEFER)
		rc = -EBUSY;
	if (rc)
		pma_refuse(why, rc,
			   "another module's notifier refuses it: see its own lines, or unload it");
	else
		rc = map_it(provider, nid, why);
	if (rc) {
		notice.error = rc;
		notice.leaked = provider->map->pgmap.altmap.alloc;
		pma_notify(PMEM_ALTMAP_ADD_FAILED, &notice);
		return rc;
	}
	pma_registry_set_phase(provider, PMA_TELLING);
	pma_notify(PMEM_ALTMAP_ADDED, &notice);
	pma_registry_set_phase(provider, PMA_LIVE);
	return 0;
}

static int add_listed(struct pmem_altmap *provider,
		      const struct pmem_altmap_spec *spec, int nid,
		      struct pma_refusal *why)
{
	int rc;

	rc = claim_region(provider, spec, why);
	if (rc)
		return rc;
	rc = add_claimed(provider, spec, nid, why);
	if (rc)
		pma_provider_release_region(provider, false);
	return rc;
}

/* The kernel follows a number that is no online node's */
static int find_node(const struct pmem_altmap_spec *spec, int *nid,
		     struct pma_refusal *why)
{
	*nid = spec->nid;
	if (*nid == NUMA_NO_NODE)
		*nid = numa_map_to_online_node(dev_to_node(spec->dev));
	else if (*nid < 0 || *nid >= MAX_NUMNODES || !node_online(*nid))
		return pma_refuse(why, -EINVAL,
				  "node %d is not online: give another one, or NUMA_NO_NODE",
				  *nid);
	return 0;
}

static void remove_owned(void *provider)
{
	pma_remove_owned(provider);
}

/**
 * pma_provider_disown - remove a range whose driver has gone without being unbound
 * @provider: driver_owned
 *
 * Context: process, may sleep.
 */
void pma_provider_disown(struct pmem_altmap *provider)
{
	struct device *dev = get_device(provider->dev);

	devm_release_action(dev, remove_owned, provider);
	put_device(dev);
}

/**
 * pma_provider_add - add a range
 * @spec: what; its numbers are not trusted
 * @how: PMA_DRIVER_OWNED: have it removed when the driver of its device goes;
 *	PMA_CLIENT: another module adds it, whose business its pages are
 * @owner: the only module that may remove it; NULL with PMA_DRIVER_OWNED
 * @why: filled in on refusal
 *
 * Everything is checked before the memory is touched, and nothing but the
 * memmap is ever written to the range.
 *
 * Context: process, may sleep, not from a notifier.
 * Return: the provider or an ERR_PTR; see pmem_altmap_add().
 */
struct pmem_altmap *pma_provider_add(const struct pmem_altmap_spec *spec,
				     unsigned int how, const struct module *owner,
				     struct pma_refusal *why)
{
	const bool driver_owned = how & PMA_DRIVER_OWNED;
	const unsigned int flags = PMEM_ALTMAP_NO_SCAN | PMEM_ALTMAP_NO_COMPOUND;
	struct pma_request request = {
		.start = spec->start,
		.size = spec->size,
		.reserve = spec->reserve,
		.free = spec->free,
	};
	struct pmem_altmap *provider;
	struct pma_memory_model mm;
	struct pma_layout layout;
	int nid, rc = 0;

	if (pma_notify_inside())
		rc = pma_refuse(why, -EDEADLK,
				"a notifier must not add a range: do it from a work item");
	else if (spec->flags & ~flags)
		rc = pma_refuse(why, -EINVAL,
				"flags %#x are not known: see linux/pmem_altmap.h",
				spec->flags & ~flags);
	else if (driver_owned && !spec->dev->driver)
		rc = pma_refuse(why, -EINVAL,
				"the device has no driver that could be unbound: use pmem_altmap_add()");
	else
		rc = find_node(spec, &nid, why);
	if (rc)
		return ERR_PTR(rc);

	pma_map_memory_model(&mm);
	request.align = spec->align ?: (mm.aligns & PMD_SIZE) ?: PAGE_SIZE;
	rc = pma_layout_request(&request, &mm, &layout, why);
	if (!rc)
		rc = pma_provider_check_range(layout.start, layout.size, why);
	if (rc)
		return ERR_PTR(rc);

	provider = kzalloc(sizeof(*provider), GFP_KERNEL);
	if (!provider) {
		rc = pma_refuse(why, -ENOMEM, "no memory for a provider");
		return ERR_PTR(rc);
	}
	kref_init(&provider->ref);
	provider->dev = spec->dev;
	provider->driver_owned = driver_owned;
	provider->client = how & PMA_CLIENT;
	provider->owner = owner;
	rc = driver_owned ? 0 : make_stand_in(provider, why);
	if (rc)
		goto put;
	provider->kept = pma_kept_prepare(dev_name(spec->dev), layout.start,
					  layout.size);
	if (!provider->kept) {
		rc = pma_refuse(why, -ENOMEM, "no memory for what may be kept");
		goto put;
	}
	provider->map = pma_map_alloc(&layout,
				      !(spec->flags & PMEM_ALTMAP_NO_COMPOUND),
				      why);
	if (IS_ERR(provider->map)) {
		rc = PTR_ERR(provider->map);
		goto put;
	}
	/* Who has laid it out knows where its data begins, and asks for no page */
	if (provider->client)
		pma_map_take_all(provider->map);
	provider->map->failed = pma_memory_failed;
	provider->map->provider = provider;
	rc = pma_registry_enter(provider, why);
	if (rc)
		goto free_map;
	rc = add_listed(provider, spec, nid, why);
	if (rc)
		goto unlist;
	if (!driver_owned)
		return provider;
	/* It is gone if this fails */
	rc = devm_add_action_or_reset(spec->dev, remove_owned, provider);
	if (!rc)
		return provider;
	pma_refuse(why, rc, "no memory for a detach action");
	return ERR_PTR(rc);

unlist:
	pma_registry_leave(provider);
free_map:
	pma_map_free(provider->map);
put:
	pma_provider_put(provider);
	return ERR_PTR(rc);
}
