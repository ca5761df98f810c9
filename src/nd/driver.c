// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/module.h>
#include <linux/nd.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "core/provider.h"
#include "nd/allow.h"
#include "nd/driver.h"
#include "nd/head.h"
#include "nd/holder.h"
#include "nd/owner.h"
#include "nd/region.h"
#include "node/node.h"

/* For messages */
#define PROVIDERS	"/sys/kernel/debug/pmem_altmap/providers"

/* Set once loading is over: what the bus offers until then nobody asked for */
static bool loaded;

static int nd_notify(struct notifier_block *nb, unsigned long action,
		     void *data)
{
	struct device *dev = data;

	switch (action) {
	case BUS_NOTIFY_DEL_DEVICE:
		pma_chardev_orphan(dev);
		fallthrough;
	/* It could be found, and be named, until then */
	case BUS_NOTIFY_REMOVED_DEVICE:
	case BUS_NOTIFY_BOUND_DRIVER:
	/* nd_pmem ends so when it makes a pfn, dax or btt device of a namespace */
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
		pma_allow_take(dev_name(dev));
	}
	return NOTIFY_DONE;
}

static struct notifier_block bus_notifier = {
	.notifier_call = nd_notify,
};

/* What was written to an attribute of the driver, as a namespace's name */
static int parse_name(const char *buf, char name[PMA_NAME_SIZE])
{
	char canonical[PMA_NAME_SIZE] = "";
	int region, id;

	if (strscpy(name, buf, PMA_NAME_SIZE) < 0)
		name[0] = '\0';
	strim(name);
	if (sscanf(name, "namespace%d.%d", &region, &id) == 2)
		snprintf(canonical, sizeof(canonical), "namespace%d.%d",
			 region, id);
	if (name[0] && !strcmp(name, canonical))
		return 0;
	pr_err("'%*pE' is no namespace's name: write one such as namespace0.0\n",
	       (int)strnlen(buf, PMA_NAME_SIZE), buf);
	return -EINVAL;
}

/*
 * The namespace of that name, locked and held. Binding and unbinding hold the lock
 * and may take their time, so it is not waited for; who only looks who has it, does not.
 */
static struct device *lock_namespace(struct device_driver *drv, const char *name)
{
	struct device *dev;
	int i;

	dev = bus_find_device_by_name(drv->bus, NULL, name);
	if (!dev) {
		pr_err("%s: no such namespace: see 'ndctl list -Ni'\n", name);
		return ERR_PTR(-ENODEV);
	}
	for (i = 0; i < 10; i++) {
		if (device_trylock(dev))
			return dev;
		msleep(20);
	}
	dev_err(dev, "is being bound or unbound: try again later\n");
	put_device(dev);
	return ERR_PTR(-EBUSY);
}

static void unlock_namespace(struct device *dev)
{
	device_unlock(dev);
	put_device(dev);
}

/* The same for one that this driver has attached */
static struct device *lock_attached(struct device_driver *drv, const char *buf)
{
	char name[PMA_NAME_SIZE];
	struct device *dev;
	int rc;

	rc = parse_name(buf, name);
	if (rc)
		return ERR_PTR(rc);
	dev = lock_namespace(drv, name);
	if (IS_ERR(dev))
		return dev;
	if (dev->driver != drv) {
		dev_err(dev, "is not attached: see " PROVIDERS "\n");
		unlock_namespace(dev);
		return ERR_PTR(-ENXIO);
	}
	return dev;
}

static bool is_on_bus(struct device *dev, const char *name)
{
	struct device *found = bus_find_device_by_name(dev->bus, NULL, name);

	put_device(found);
	return found == dev;
}

static ssize_t allow_show(struct device_driver *drv, char *buf)
{
	return pma_allow_show(buf);
}

/*
 * A name is added, an empty line forgets them all. A bound namespace is refused
 * here: its bind would fail without a word.
 */
static ssize_t allow_store(struct device_driver *drv, const char *buf,
			   size_t count)
{
	char name[PMA_NAME_SIZE];
	struct device *dev;
	int rc;

	if (sysfs_streq(buf, "")) {
		pma_allow_clear();
		return count;
	}
	rc = parse_name(buf, name);
	if (rc)
		return rc;
	dev = lock_namespace(drv, name);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	if (dev->driver == drv) {
		dev_err(dev, "attached already: write its name to unbind first\n");
		rc = -EBUSY;
	} else if (dev->driver) {
		dev_err(dev, "bound to driver %s: run 'ndctl disable-namespace %s' first\n",
			dev->driver->name, name);
		rc = -EBUSY;
	} else {
		rc = pma_allow_add(name);
		if (rc)
			dev_err(dev, "not taken down (error %d, at most %d names can wait): bind those that wait, or write an empty line to forget them\n",
				rc, PMA_ALLOW_MAX);
	}
	if (!rc && !is_on_bus(dev, name)) {
		pma_allow_take(name);
		dev_err(dev, "goes away: see 'ndctl list -Ni'\n");
		rc = -ENODEV;
	}
	unlock_namespace(dev);
	return rc ? rc : count;
}

static struct driver_attribute driver_attr_allow =
	__ATTR(allow, 0600, allow_show, allow_store);

static ssize_t quiesce_store(struct device_driver *drv, const char *buf,
			     size_t count)
{
	struct pma_refusal why;
	struct device *dev;
	int rc;

	dev = lock_attached(drv, buf);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	rc = pma_chardev_quiesce(dev_get_drvdata(dev), &why);
	if (rc)
		pma_provider_refused(dev, "quiesced", &why);
	unlock_namespace(dev);
	return rc ? rc : count;
}

static struct driver_attribute driver_attr_quiesce =
	__ATTR(quiesce, 0200, NULL, quiesce_store);

static ssize_t resume_store(struct device_driver *drv, const char *buf,
			    size_t count)
{
	struct device *dev;

	dev = lock_attached(drv, buf);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	pma_chardev_resume(dev_get_drvdata(dev));
	unlock_namespace(dev);
	return count;
}

static struct driver_attribute driver_attr_resume =
	__ATTR(resume, 0200, NULL, resume_store);

static struct attribute *pma_nd_attrs[] = {
	&driver_attr_allow.attr,
	&driver_attr_quiesce.attr,
	&driver_attr_resume.attr,
	NULL
};
ATTRIBUTE_GROUPS(pma_nd);

/*
 * The checks of nvdimm_namespace_common_probe() and nd_dax_probe() in
 * drivers/nvdimm, but for the DIMM's security lock, which is private to it. A claim
 * that comes later finds this driver bound and fails, as with nd_pmem.
 */
static int check_namespace(struct device *dev, struct pma_refusal *why)
{
	struct nd_namespace_common *ndns = &to_nd_namespace_io(dev)->common;

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

static struct pma_chardev *publish(struct pmem_altmap *provider,
				   struct device *holder)
{
	struct pma_chardev *chardev;
	int rc;

	if (!holder)
		return pma_chardev_publish(provider, NULL);
	rc = pma_holder_lock(provider->dev, holder);
	if (rc)
		return ERR_PTR(rc);
	chardev = pma_chardev_publish(provider, holder);
	pma_holder_unlock(holder);
	return chardev;
}

static void release_claim(void *claim)
{
	pma_claim_release(claim);
}

/* The whole namespace is claimed, since the info block may lie before the map */
static struct pmem_altmap *add(struct device *dev, const u8 *uuid,
			       struct pma_refusal *why)
{
	const struct resource *res = &to_nd_namespace_io(dev)->res;
	struct pmem_altmap_spec spec = { .dev = dev, .nid = NUMA_NO_NODE };
	struct pma_claim *claim;
	struct pma_layout layout;
	int rc;

	rc = pma_provider_check_range(res->start, resource_size(res), why);
	if (rc)
		return ERR_PTR(rc);
	claim = pma_claim_request(res->start, resource_size(res), dev_name(dev));
	if (!claim) {
		rc = pma_refuse(why, -EBUSY,
				"%pR is in use by another driver: see /proc/iomem, then 'ndctl disable-namespace %s'",
				res, dev_name(dev));
		return ERR_PTR(rc);
	}
	/* Released behind the removal, which may find that a part is kept */
	rc = devm_add_action_or_reset(dev, release_claim, claim);
	if (rc) {
		pma_refuse(why, rc, "no memory for a release action");
		return ERR_PTR(rc);
	}
	spec.region = claim->region;
	rc = pma_head_layout(res, uuid, &layout, why);
	if (rc)
		return ERR_PTR(rc);
	spec.start = layout.start;
	spec.size = layout.size;
	spec.reserve = layout.reserve;
	spec.free = layout.free;
	spec.align = layout.align;
	return pma_provider_add(&spec, PMA_DRIVER_OWNED, NULL, why);
}

static int attach(struct device *dev, struct device *holder,
		  struct pma_refusal *why)
{
	const struct resource *res = &to_nd_namespace_io(dev)->res;
	const struct pma_layout *layout;
	struct pmem_altmap *provider;
	struct pma_chardev *chardev;
	u8 uuid[PMA_UUID_SIZE];
	int rc;

	rc = check_namespace(dev, why);
	rc = rc ?: pma_region_check(dev->parent, why);
	if (rc)
		return rc;
	if (!resource_size(res))
		return pma_refuse(why, -ENXIO,
				  "has no capacity: run 'ndctl create-namespace --mode=devdax --map=dev'");
	rc = get_uuid(dev, uuid, why);
	if (rc)
		return rc;

	provider = add(dev, uuid, why);
	if (IS_ERR(provider))
		return PTR_ERR(provider);

	chardev = publish(provider, holder);
	if (IS_ERR(chardev))
		return pma_refuse(why, PTR_ERR(chardev),
				  "cannot make the device node below %s%s",
				  dev_name(holder ?: dev),
				  holder ? ", it may be being bound or removed: try again" : "");
	dev_set_drvdata(dev, chardev);

	layout = &provider->map->layout;
	dev_info(dev, "attached: alloc %lu of %llu altmap pages, %llu bytes of memmap in DRAM, %llu bytes of data\n",
		 provider->map->pgmap.altmap.alloc, layout->free,
		 provider->map->dram_memmap, layout->data_size);
	return 0;
}

static int pma_nd_probe(struct device *dev)
{
	struct pma_refusal why;
	struct device *holder;
	int rc;

	/* The bus notifier comes last when loading */
	if (!READ_ONCE(loaded) || !pma_allow_take(dev_name(dev))) {
		if (READ_ONCE(loaded))
			dev_info(dev,
				 "left alone, it was not named (error %d): to attach it, write its name to /sys/bus/nd/drivers/pmem_altmap/allow, then to bind\n",
				 -ENODEV);
		return -ENODEV;
	}

	rc = pma_holder_get(dev, &holder, &why);
	if (!rc) {
		rc = attach(dev, holder, &why);
		put_device(holder);
	}
	if (rc)
		pma_provider_refused(dev, "attached", &why);
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
		pma_allow_clear();
		return rc;
	}
	pma_owner_init(&pma_nd_driver.drv);
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
	driver_unregister(&pma_nd_driver.drv);
	/* A holder could go away as long as something is attached */
	bus_unregister_notifier(pma_nd_driver.drv.bus, &bus_notifier);
	pma_allow_clear();
}
