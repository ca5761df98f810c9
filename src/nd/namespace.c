// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/io.h>
#include <linux/kobject.h>
#include <linux/nd.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "map/map.h"
#include "nd/namespace.h"
#include "plan/infoblock.h"

/* A driver of the nd bus, by which the bus is found; it lives as long as this module. */
static const struct device_driver *bus_driver;

static struct attribute *find_attribute(const struct attribute_group **groups,
					const char *name)
{
	struct attribute **attr;

	for (; groups && *groups; groups++)
		for (attr = (*groups)->attrs; attr && *attr; attr++)
			if (!strcmp((*attr)->name, name))
				return *attr;
	return NULL;
}

/* struct nd_region is private to libnvdimm, but what its sysfs files show is public. */
static int read_flag(struct device *dev, const char *name, bool *set)
{
	struct attribute *attr = find_attribute(dev->type->groups, name);
	char *page;
	int rc;

	if (!attr)
		return -ENOENT;
	page = (char *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	rc = get_ktype(&dev->kobj)->sysfs_ops->show(&dev->kobj, attr, page);
	if (rc > 0)
		rc = kstrtobool(page, set);
	free_page((unsigned long)page);
	return rc;
}

/*
 * nd_pfn_init() writes no info block to a read-only region, but nothing in the kernel asks
 * before the memmap is put there. With a DIMM that is not armed, all stores are lost with
 * the power.
 */
static int check_region(struct device *region, struct pma_refusal *why)
{
	bool read_only = false;
	int rc;

	rc = read_flag(region, "read_only", &read_only);
	if (rc < 0)
		return pma_refuse(why, rc, "%s does not say whether it is read-only",
				  dev_name(region));
	if (read_only)
		return pma_refuse(why, -EROFS,
				  "%s is read-only, its stores may not outlast the power: see 'ndctl list -DRH', and write 0 to its read_only in sysfs only if that is known to be wrong",
				  dev_name(region));
	return 0;
}

/**
 * pma_namespace_check - may a namespace be attached, as far as libnvdimm can tell?
 * @dev: the namespace
 * @why: filled in on refusal
 *
 * These are the checks of nvdimm_namespace_common_probe() and nd_dax_probe() in
 * drivers/nvdimm, except for the DIMM's security lock, which is private to libnvdimm. A
 * claim that comes later finds this driver bound and fails, as with nd_pmem.
 *
 * Context: process, may sleep, device lock of @dev held.
 * Return: 0, -EBUSY (raw mode), -EOPNOTSUPP (fsdax or BTT by its label), -EROFS, -ENXIO (no
 * capacity), or another negative errno if the region does not say whether it is read-only.
 */
int pma_namespace_check(struct device *dev, struct pma_refusal *why)
{
	struct nd_namespace_io *nsio = to_nd_namespace_io(dev);
	int rc;

	if (nsio->common.force_raw)
		return pma_refuse(why, -EBUSY,
				  "forced to raw mode: write 0 to its force_raw in sysfs first");
	switch (nsio->common.claim_class) {
	case NVDIMM_CCLASS_NONE:
	case NVDIMM_CCLASS_DAX:
		break;
	default:
		return pma_refuse(why, -EOPNOTSUPP,
				  "its label reserves it for fsdax or BTT (claim class %d): see holder_class in sysfs, or create it anew with 'ndctl create-namespace --mode=devdax --map=dev'",
				  nsio->common.claim_class);
	}
	rc = check_region(dev->parent, why);
	if (!rc && !resource_size(&nsio->res))
		rc = pma_refuse(why, -ENXIO,
				"has no capacity: run 'ndctl create-namespace --mode=devdax --map=dev'");
	return rc;
}

/* A namespace of labels has a uuid; the parent uuid of all others is zero. */
static int get_uuid(struct device *dev, u8 *uuid, struct pma_refusal *why)
{
	const void *label_uuid;

	memset(uuid, 0, PMA_UUID_SIZE);
	if (!dev->type || strcmp(dev->type->name, "nd_namespace_pmem"))
		return 0;
	label_uuid = to_nd_namespace_pmem(dev)->uuid;
	if (!label_uuid)
		return pma_refuse(why, -ENXIO,
				  "has no uuid, it was not set up: run 'ndctl create-namespace --mode=devdax --map=dev'");
	memcpy(uuid, label_uuid, PMA_UUID_SIZE);
	return 0;
}

/* copy_mc_to_kernel() survives poison, as in pma_scan(). */
static int read_head(const struct resource *res, u8 *head,
		     struct pma_refusal *why)
{
	unsigned long left;
	void *addr;

	if (resource_size(res) < PMA_HEAD_SIZE)
		return pma_refuse(why, -ERANGE,
				  "%llu bytes cannot hold an info block: resize the namespace with ndctl",
				  (u64)resource_size(res));
	addr = memremap(res->start, PMA_HEAD_SIZE, MEMREMAP_WB);
	if (!addr)
		return pma_refuse(why, -ENOMEM,
				  "cannot map the %d bytes of the head at %pa: see the lines above",
				  PMA_HEAD_SIZE, &res->start);
	left = copy_mc_to_kernel(head, addr, PMA_HEAD_SIZE);
	memunmap(addr);
	if (left)
		return pma_refuse(why, -EIO,
				  "media error in the head, %lu of %d bytes at %pa not read: see 'ndctl list -M' and 'ndctl clear-errors'",
				  left, PMA_HEAD_SIZE, &res->start);
	return 0;
}

/**
 * pma_namespace_plan - make a plan of a namespace's info block
 * @dev: the namespace; the caller owns its memory region
 * @plan: filled in on success
 * @why: filled in on refusal
 *
 * Context: process, may sleep, device lock of @dev held.
 * Return: 0, -ENXIO (no uuid), -ENOMEM, -EIO, or an errno of pma_infoblock_parse(),
 * pma_infoblock_check_parent() or pma_plan_infoblock().
 */
int pma_namespace_plan(struct device *dev, struct pma_plan *plan,
		       struct pma_refusal *why)
{
	const struct resource *res = &to_nd_namespace_io(dev)->res;
	struct pma_memory_model mm;
	struct pma_infoblock ib;
	u8 uuid[PMA_UUID_SIZE];
	u8 *head;
	int rc;

	rc = get_uuid(dev, uuid, why);
	if (rc)
		return rc;
	head = kmalloc(PMA_HEAD_SIZE, GFP_KERNEL);
	if (!head)
		return pma_refuse(why, -ENOMEM, "no memory to read the head");
	rc = read_head(res, head, why);
	if (!rc)
		rc = pma_infoblock_parse(head, &ib, why);
	if (!rc)
		rc = pma_infoblock_check_parent(&ib, uuid, why);
	kfree(head);
	if (rc)
		return rc;

	pma_map_memory_model(&mm);
	return pma_plan_infoblock(&ib, res->start, resource_size(res), &mm, plan,
			       why);
}

struct holder_search {
	struct device *claim;
	struct device *found;
};

static int match_claim(struct device *child, void *data)
{
	struct holder_search *search = data;

	if (child != search->claim)
		return 0;
	search->found = get_device(child);
	return 1;
}

static bool is_idle_dax(struct device *dev)
{
	return dev && !READ_ONCE(dev->driver) && dev->type &&
	       !strcmp(dev->type->name, "nd_dax");
}

/**
 * pma_namespace_get_holder - find out which device claims a namespace
 * @dev: the namespace
 * @holder: NULL when no device does, or a dax device without a driver, to be put
 * @why: filled in on refusal
 *
 * Context: process, may sleep, device lock of @dev held.
 * Return: 0, or -EBUSY when any other device claims the namespace.
 */
int pma_namespace_get_holder(struct device *dev, struct device **holder,
			     struct pma_refusal *why)
{
	struct holder_search search = { .claim = READ_ONCE(to_ndns(dev)->claim) };

	/* The claim may go away meanwhile: only a child that is found may be followed. */
	if (search.claim)
		device_for_each_child(dev->parent, &search, match_claim);
	*holder = search.found;
	if (!search.claim || is_idle_dax(search.found))
		return 0;

	pma_refuse(why, -EBUSY,
		   "claimed by %s: run 'ndctl disable-namespace %s' first",
		   search.found ? dev_name(search.found) : "another device",
		   dev_name(dev));
	put_device(search.found);
	return -EBUSY;
}

/**
 * pma_namespace_lock_holder - keep a holder from going away
 * @dev: the namespace
 * @holder: from pma_namespace_get_holder()
 *
 * A claim ends under the holder's device lock, and all children of a region go under the
 * region's lock. Neither lock is waited for without a limit: a task that binds the holder
 * has the holder's lock and waits for the lock of @dev, which the caller holds.
 *
 * Context: process, may sleep, device lock of @dev held.
 * Return: 0, or -EBUSY; also when the holder has a driver or no claim any more.
 */
int pma_namespace_lock_holder(struct device *dev, struct device *holder)
{
	int i;

	for (i = 0; i < 50; i++) {
		if (device_trylock(holder->parent)) {
			if (device_trylock(holder))
				break;
			device_unlock(holder->parent);
		}
		msleep(20);
	}
	if (i == 50)
		return -EBUSY;
	if (is_idle_dax(holder) && to_ndns(dev)->claim == holder)
		return 0;
	pma_namespace_unlock_holder(holder);
	return -EBUSY;
}

/**
 * pma_namespace_unlock_holder - undo pma_namespace_lock_holder()
 * @holder: the holder that is locked
 *
 * Context: process.
 */
void pma_namespace_unlock_holder(struct device *holder)
{
	device_unlock(holder);
	device_unlock(holder->parent);
}

struct owner_search {
	u64 start;
	const struct device *claim;
	struct pma_owner *owner;
};

static bool is_namespace(const struct device *dev)
{
	/* The types of regions have no name. */
	const char *type = dev->type && dev->type->name ? dev->type->name : "";

	return !strcmp(type, "nd_namespace_pmem") ||
	       !strcmp(type, "nd_namespace_io");
}

/* A device that is being bound or unbound is not waited for. */
static void read_driver(struct device *dev, struct pma_owner *owner)
{
	if (!device_trylock(dev))
		return;
	if (dev->driver)
		strscpy(owner->driver, dev->driver->name, PMA_OWNER_SIZE);
	device_unlock(dev);
}

static int match_range(struct device *dev, void *data)
{
	const struct nd_namespace_io *nsio;
	struct owner_search *search = data;

	if (!is_namespace(dev))
		return 0;
	nsio = to_nd_namespace_io(dev);
	if (search->start < READ_ONCE(nsio->res.start) ||
	    search->start > READ_ONCE(nsio->res.end))
		return 0;
	strscpy(search->owner->name, dev_name(dev), PMA_OWNER_SIZE);
	search->claim = READ_ONCE(nsio->common.claim);
	read_driver(dev, search->owner);
	return 1;
}

/* The claim can go at any time: only a device that the bus still has may be followed. */
static int match_claiming(struct device *dev, void *data)
{
	struct owner_search *search = data;

	if (dev != search->claim)
		return 0;
	read_driver(dev, search->owner);
	return 1;
}

/**
 * pma_namespace_init - tell which bus has the namespaces
 * @drv: a registered driver of the nd bus
 *
 * Context: before any call of pma_namespace_find_owner() that is to find anything.
 */
void pma_namespace_init(const struct device_driver *drv)
{
	WRITE_ONCE(bus_driver, drv);
}

/**
 * pma_namespace_find_owner - find out whose memory a physical address is
 * @start: the address
 * @owner: filled in; empty where libnvdimm knows nothing of it, as with CXL or P2PDMA
 *
 * Context: process, may sleep.
 */
void pma_namespace_find_owner(u64 start, struct pma_owner *owner)
{
	const struct device_driver *drv = READ_ONCE(bus_driver);
	struct owner_search search = { .start = start, .owner = owner };

	memset(owner, 0, sizeof(*owner));
	if (!drv || !bus_for_each_dev(drv->bus, NULL, &search, match_range))
		return;
	if (search.claim)
		bus_for_each_dev(drv->bus, NULL, &search, match_claiming);
}
