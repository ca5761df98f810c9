// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client that goes without undoing anything: its range, a reference, its notifiers, of which
 * one is called in another module. With own=1 no notifiers, and the range is of a device whose
 * release function goes with it. With fake=1 it says that it has requested a region, and has not.
 */
#include <linux/err.h>
#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/numa.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/pmem_altmap.h>

#include "pma_mapper.h"

static unsigned long long start;
module_param(start, ullong, 0444);
static unsigned long long size;
module_param(size, ullong, 0444);

static bool own;
module_param(own, bool, 0444);

/* A name of the device that is hard to show */
static bool hostile;
module_param(hostile, bool, 0444);

/* A region that nobody has requested */
static bool fake;
module_param(fake, bool, 0444);
static struct resource region;

static struct platform_device *pdev;
static struct device *dev;

static void release(struct device *unused)
{
	pr_info("pma_forgets: its device is released\n");
	kfree(unused);
}

static int add_own(struct pmem_altmap_spec *spec)
{
	struct pmem_altmap *altmap;
	int rc;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;
	dev->release = release;
	device_initialize(dev);
	rc = dev_set_name(dev, "%s", hostile ? "a \"b\\\xc3\xa9%n" : "pma_forgets");
	spec->dev = dev;
	altmap = rc ? ERR_PTR(rc) : pmem_altmap_add(spec);
	if (IS_ERR(altmap))
		put_device(dev);
	else
		pmem_altmap_get(dev);
	return PTR_ERR_OR_ZERO(altmap);
}

static int notified(struct notifier_block *nb, unsigned long event, void *data)
{
	return NOTIFY_OK;
}

static struct notifier_block notifier = {
	.notifier_call = notified,
};

static struct notifier_block elsewhere = {
	.notifier_call = pma_mapper_notified,
};

static int __init forgets_init(void)
{
	struct pmem_altmap_spec spec = {
		.start = start,
		.size = size,
		.nid = NUMA_NO_NODE,
	};
	struct pmem_altmap *altmap;

	if (fake) {
		region = (struct resource)DEFINE_RES_MEM(start, size);
		region.flags |= IORESOURCE_BUSY;
		spec.region = &region;
	}
	if (own)
		return add_own(&spec);
	pdev = platform_device_register_simple("pma_forgets", -1, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	spec.dev = &pdev->dev;
	altmap = pmem_altmap_add(&spec);
	if (!IS_ERR(altmap)) {
		pmem_altmap_get(spec.dev);
		pmem_altmap_register_notifier(&notifier);
		pmem_altmap_register_notifier(&elsewhere);
		return 0;
	}
	platform_device_unregister(pdev);
	return PTR_ERR(altmap);
}
module_init(forgets_init);

static void __exit forgets_exit(void)
{
	if (own)
		put_device(dev);
	else
		platform_device_unregister(pdev);
}
module_exit(forgets_exit);

MODULE_DESCRIPTION("Test of pmem_altmap: forgets what it has added");
MODULE_LICENSE("GPL");
