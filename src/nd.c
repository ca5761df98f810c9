// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nd.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "debugfs.h"
#include "nd.h"
#include "provider.h"

#define ALLOW_MAX	64
#define NAME_SIZE	32

/*
 * The names written to "allow" that have not been bound yet. The nd bus offers
 * every unbound namespace to every driver, and ndctl tries all drivers in turn:
 * so a name is good for one bind only, and what is not named is never touched. A
 * name is also dropped when another driver tries the namespace, or it goes away.
 */
struct allowed {
	struct list_head node;
	char name[NAME_SIZE];
};

static LIST_HEAD(allowed_list);
static unsigned int nr_allowed;
static DEFINE_MUTEX(allowed_lock);

/* Set once loading is over: what the bus offers until then nobody asked for */
static bool loaded;

static struct allowed *find_allowed(const char *name)
{
	struct allowed *entry;

	lockdep_assert_held(&allowed_lock);
	list_for_each_entry(entry, &allowed_list, node)
		if (!strcmp(entry->name, name))
			return entry;
	return NULL;
}

static int add_allowed(const char *name)
{
	struct allowed *entry;
	int rc = 0;

	mutex_lock(&allowed_lock);
	if (find_allowed(name))
		goto unlock;
	if (nr_allowed == ALLOW_MAX) {
		rc = -ENOSPC;
		goto unlock;
	}
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry) {
		rc = -ENOMEM;
		goto unlock;
	}
	strscpy(entry->name, name, sizeof(entry->name));
	list_add_tail(&entry->node, &allowed_list);
	nr_allowed++;
unlock:
	mutex_unlock(&allowed_lock);
	return rc;
}

static void drop_allowed(struct allowed *entry)
{
	list_del(&entry->node);
	nr_allowed--;
	kfree(entry);
}

static void drop_all_allowed(void)
{
	struct allowed *entry, *next;

	mutex_lock(&allowed_lock);
	list_for_each_entry_safe(entry, next, &allowed_list, node)
		drop_allowed(entry);
	mutex_unlock(&allowed_lock);
}

static bool take_allowed(const char *name)
{
	struct allowed *entry;
	bool found;

	mutex_lock(&allowed_lock);
	entry = find_allowed(name);
	found = entry;
	if (found)
		drop_allowed(entry);
	mutex_unlock(&allowed_lock);
	return found;
}

static int forget_name(struct notifier_block *nb, unsigned long action,
		       void *data)
{
	struct device *dev = data;

	switch (action) {
	case BUS_NOTIFY_BOUND_DRIVER:
	/* nd_pmem ends so when it makes a pfn, dax or btt device of a namespace */
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
	case BUS_NOTIFY_DEL_DEVICE:
		take_allowed(dev_name(dev));
	}
	return NOTIFY_DONE;
}

static struct notifier_block bus_notifier = {
	.notifier_call = forget_name,
};

/* A bound namespace is refused here: its bind would fail without a word */
static int check_nameable(struct device_driver *drv, const char *name)
{
	struct device *dev;
	int rc = 0;

	dev = bus_find_device_by_name(drv->bus, NULL, name);
	if (!dev) {
		pr_err("%s: no such namespace: see 'ndctl list -Ni'\n", name);
		return -ENODEV;
	}
	/* Binding and unbinding hold the lock, and may take their time */
	if (!device_trylock(dev)) {
		dev_err(dev, "is being bound or unbound: try again later\n");
		rc = -EBUSY;
		goto put;
	}
	if (dev->driver) {
		dev_err(dev, "bound to driver %s: run 'ndctl disable-namespace %s' first\n",
			dev->driver->name, name);
		rc = -EBUSY;
	}
	device_unlock(dev);
put:
	put_device(dev);
	return rc;
}

static ssize_t allow_show(struct device_driver *drv, char *buf)
{
	struct allowed *entry;
	ssize_t len = 0;

	mutex_lock(&allowed_lock);
	list_for_each_entry(entry, &allowed_list, node)
		len += sysfs_emit_at(buf, len, "%s\n", entry->name);
	mutex_unlock(&allowed_lock);
	return len;
}

/* A name is added, an empty line forgets them all */
static ssize_t allow_store(struct device_driver *drv, const char *buf,
			   size_t count)
{
	char name[NAME_SIZE], canonical[NAME_SIZE];
	int region, id, rc;

	if (sysfs_streq(buf, "")) {
		drop_all_allowed();
		return count;
	}

	if (count >= sizeof(name)) {
		pr_err("a name of %zu bytes is no namespace's: write one such as namespace0.0\n",
		       count);
		return -EINVAL;
	}
	memcpy(name, buf, count);
	name[count] = '\0';
	strim(name);
	canonical[0] = '\0';
	if (sscanf(name, "namespace%d.%d", &region, &id) == 2)
		snprintf(canonical, sizeof(canonical), "namespace%d.%d",
			 region, id);
	if (strcmp(name, canonical)) {
		pr_err("'%*pE' is no namespace's name: write one such as namespace0.0\n",
		       (int)strlen(name), name);
		return -EINVAL;
	}

	rc = check_nameable(drv, name);
	if (rc)
		return rc;
	rc = add_allowed(name);
	if (rc) {
		pr_err("%s: not taken down (error %d, at most %d names can wait): bind those that wait, or write an empty line to forget them\n",
		       name, rc, ALLOW_MAX);
		return rc;
	}
	return count;
}

static struct driver_attribute driver_attr_allow =
	__ATTR(allow, 0600, allow_show, allow_store);

static struct attribute *pma_nd_attrs[] = {
	&driver_attr_allow.attr,
	NULL
};
ATTRIBUTE_GROUPS(pma_nd);

struct claim_name {
	const struct device *claim;
	char name[NAME_SIZE];
};

static int match_claim(struct device *child, void *data)
{
	struct claim_name *found = data;

	if (child != found->claim)
		return 0;
	strscpy(found->name, dev_name(child), sizeof(found->name));
	return 1;
}

/*
 * The checks of nvdimm_namespace_common_probe() and nd_dax_probe() in
 * drivers/nvdimm, but for the DIMM's security lock, which is private to it. A claim
 * that comes later finds this driver bound and fails, as with nd_pmem.
 */
static int check_namespace(struct device *dev, struct pma_refusal *why)
{
	struct nd_namespace_common *ndns = &to_nd_namespace_io(dev)->common;
	struct claim_name found = {
		.claim = READ_ONCE(ndns->claim),
		.name = "another device",
	};

	if (found.claim) {
		/* The claim may go away meanwhile: only a child found is safe */
		device_for_each_child(dev->parent, &found, match_claim);
		return pma_refuse(why, -EBUSY,
				  "claimed by %s: run 'ndctl disable-namespace %s' first",
				  found.name, dev_name(dev));
	}
	if (ndns->force_raw)
		return pma_refuse(why, -EBUSY,
				  "forced to raw mode: write 0 to its force_raw in sysfs first");
	switch (ndns->claim_class) {
	case NVDIMM_CCLASS_NONE:
	case NVDIMM_CCLASS_DAX:
		return 0;
	default:
		return pma_refuse(why, -EOPNOTSUPP,
				  "its label reserves it for fsdax or BTT (claim class %d): see holder_class in sysfs, or create it anew with 'ndctl create-namespace --mode=devdax --map=dev'",
				  ndns->claim_class);
	}
}

/* Namespaces of labels have a uuid; the others' parent uuid is zero */
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

static int attach(struct device *dev, struct pma_refusal *why)
{
	const struct resource *res = &to_nd_namespace_io(dev)->res;
	struct pma_provider *provider;
	u8 uuid[PMA_UUID_SIZE];
	int rc;

	rc = check_namespace(dev, why);
	if (rc)
		return rc;
	if (!resource_size(res))
		return pma_refuse(why, -ENXIO,
				  "has no capacity: run 'ndctl create-namespace --mode=devdax --map=dev'");
	rc = get_uuid(dev, uuid, why);
	if (rc)
		return rc;

	provider = pma_provider_attach(dev, res, uuid, why);
	if (IS_ERR(provider))
		return PTR_ERR(provider);

	rc = pma_debugfs_publish(provider);
	if (rc)
		return pma_refuse(why, rc, "no memory for the debugfs files");

	dev_info(dev, "attached [mem %#llx-%#llx]: alloc %lu of %llu altmap pages, %llu bytes of memmap in DRAM, %llu bytes of data\n",
		 provider->map->layout.start,
		 provider->map->layout.start + provider->map->layout.size - 1,
		 provider->map->pgmap.altmap.alloc, provider->map->layout.free,
		 provider->map->dram_memmap, provider->map->layout.data_size);
	return 0;
}

static int pma_nd_probe(struct device *dev)
{
	struct pma_refusal why;
	int rc;

	if (!take_allowed(dev_name(dev))) {
		if (READ_ONCE(loaded))
			dev_info(dev,
				 "left alone, it was not named (error %d): to attach it, write its name to /sys/bus/nd/drivers/pmem_altmap/allow, then to bind\n",
				 -ENODEV);
		return -ENODEV;
	}

	rc = attach(dev, &why);
	if (rc)
		dev_err(dev, "not attached (error %d): %s\n", rc, why.text);
	return rc;
}

/* No MODULE_ALIAS_ND_DEVICE(): nothing loads this by itself */
static struct nd_device_driver pma_nd_driver = {
	.drv = {
		.name = KBUILD_MODNAME,
		.groups = pma_nd_groups,
	},
	.type = ND_DRIVER_NAMESPACE_IO | ND_DRIVER_NAMESPACE_PMEM,
	.probe = pma_nd_probe,
};

/**
 * pma_nd_register - join the nd bus
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno of driver_register() or bus_register_notifier().
 */
int pma_nd_register(void)
{
	int rc = nd_driver_register(&pma_nd_driver);

	if (rc)
		return rc;
	rc = bus_register_notifier(pma_nd_driver.drv.bus, &bus_notifier);
	if (rc) {
		driver_unregister(&pma_nd_driver.drv);
		drop_all_allowed();
		return rc;
	}
	WRITE_ONCE(loaded, true);
	return 0;
}

/**
 * pma_nd_unregister - detach every namespace and leave the nd bus
 *
 * Context: process, may sleep.
 */
void pma_nd_unregister(void)
{
	bus_unregister_notifier(pma_nd_driver.drv.bus, &bus_notifier);
	driver_unregister(&pma_nd_driver.drv);
	drop_all_allowed();
}
