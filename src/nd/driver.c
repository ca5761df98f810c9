// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/module.h>
#include <linux/nd.h>

#include "core/kept.h"
#include "core/lifecycle.h"
#include "nd/control.h"
#include "nd/driver.h"
#include "nd/namespace.h"
#include "node/node.h"

/* Set once loading is over: until then the bus offers what root cannot have named. */
static bool loaded;

static int nd_notify(struct notifier_block *nb, unsigned long action,
		     void *data)
{
	struct device *dev = data;

	switch (action) {
	case BUS_NOTIFY_DEL_DEVICE:
		pma_node_orphan(dev);
		fallthrough;
	/* Until its device was removed, the namespace could be found, and be named. */
	case BUS_NOTIFY_REMOVED_DEVICE:
	case BUS_NOTIFY_BOUND_DRIVER:
	/* nd_pmem ends so when it makes a pfn, dax or btt device of a namespace. */
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
		pma_control_take_name(dev_name(dev));
	}
	return NOTIFY_DONE;
}

static struct notifier_block bus_notifier = {
	.notifier_call = nd_notify,
};

static struct pma_node *publish(struct pmem_altmap *provider,
				struct device *holder)
{
	struct pma_node *node;
	int rc;

	if (!holder)
		return pma_node_publish(provider, NULL);
	rc = pma_namespace_lock_holder(provider->dev, holder);
	if (rc)
		return ERR_PTR(rc);
	node = pma_node_publish(provider, holder);
	pma_namespace_unlock_holder(holder);
	return node;
}

static void release_claim(void *claim)
{
	pma_claim_release(claim);
}

/* The region of the whole namespace is claimed, since the info block may lie before the map. */
static struct pmem_altmap *add(struct device *dev, struct pma_refusal *why)
{
	const struct resource *res = &to_nd_namespace_io(dev)->res;
	struct pma_terms terms = {
		.dev = dev,
		.nid = NUMA_NO_NODE,
		.driver_owned = true,
	};
	struct pma_claim *claim;
	struct pma_plan plan;
	int rc;

	rc = pma_check_range(res->start, resource_size(res), why);
	if (rc)
		return ERR_PTR(rc);
	claim = pma_claim_request(res->start, resource_size(res), dev_name(dev));
	if (!claim) {
		rc = pma_refuse(why, -EBUSY,
				"%pR is in use by another driver: see /proc/iomem, then 'ndctl disable-namespace %s', or reboot if the kernel has kept it",
				res, dev_name(dev));
		return ERR_PTR(rc);
	}
	/* devm runs this after the removal, which may find that the kernel has kept a part. */
	rc = devm_add_action_or_reset(dev, release_claim, claim);
	if (rc) {
		pma_refuse(why, rc, "no memory for a release action");
		return ERR_PTR(rc);
	}
	terms.region = claim->region;
	rc = pma_namespace_plan(dev, &plan, why);
	if (rc)
		return ERR_PTR(rc);
	return pma_add(&plan, &terms, why);
}

static int attach(struct device *dev, struct device *holder,
		  struct pma_refusal *why)
{
	const struct pma_plan *plan;
	struct pmem_altmap *provider;
	struct pma_node *node;
	int rc;

	rc = pma_namespace_check(dev, why);
	if (rc)
		return rc;
	provider = add(dev, why);
	if (IS_ERR(provider))
		return PTR_ERR(provider);

	node = publish(provider, holder);
	if (IS_ERR(node))
		return pma_refuse(why, PTR_ERR(node),
				  "cannot make the device node below %s%s",
				  dev_name(holder ?: dev),
				  holder ? ", it may be being bound or removed: try again" : "");
	dev_set_drvdata(dev, node);

	plan = &provider->plan;
	dev_info(dev, "attached: alloc %lu of %llu altmap pages, %llu bytes of memmap in DRAM, %llu bytes of data\n",
		 provider->map->pgmap.altmap.alloc, plan->free,
		 provider->map->dram_memmap, plan->data_size);
	return 0;
}

static int pma_nd_probe(struct device *dev)
{
	struct pma_refusal why;
	struct device *holder;
	int rc;

	/* The bus notifier is registered last when loading: names are not watched yet. */
	if (!READ_ONCE(loaded) || !pma_control_take_name(dev_name(dev))) {
		if (READ_ONCE(loaded))
			dev_info(dev,
				 "left alone, it was not named (error %d): to attach it, write its name to /sys/bus/nd/drivers/pmem_altmap/allow, then to bind\n",
				 -ENODEV);
		return -ENODEV;
	}

	rc = pma_namespace_get_holder(dev, &holder, &why);
	if (!rc) {
		rc = attach(dev, holder, &why);
		put_device(holder);
	}
	if (rc)
		pma_provider_refused(dev, "attached", &why);
	return rc;
}

/* There is no MODULE_ALIAS_ND_DEVICE(), so that nothing loads this module by itself. */
static struct nd_device_driver pma_nd_driver = {
	.drv = {
		.name = KBUILD_MODNAME,
		.groups = pma_control_groups,
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
		pma_control_forget_names();
		return rc;
	}
	pma_namespace_init(&pma_nd_driver.drv);
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
	/* While something is attached, its holder can go away: the notifier must see that. */
	bus_unregister_notifier(pma_nd_driver.drv.bus, &bus_notifier);
	pma_control_forget_names();
}
