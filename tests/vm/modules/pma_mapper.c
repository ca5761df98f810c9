// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client that maps the first page of a range into user space: /dev/pma_mapper. The range is
 * its own, which writing to its parameter "remove" tries to remove, or without a size the
 * namespace that is attached next, which writing to "put" lets go of.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/notifier.h>
#include <linux/pfn.h>
#include <linux/platform_device.h>
#include <linux/pmem_altmap.h>
#include <linux/string.h>

#include "pma_mapper.h"

static unsigned long long start;
module_param(start, ullong, 0444);
static unsigned long long size;
module_param(size, ullong, 0444);

static struct platform_device *pdev;
static struct pmem_altmap *altmap;

static int remove_set(const char *value, const struct kernel_param *kp)
{
	int rc = pmem_altmap_remove(altmap);

	if (!rc)
		altmap = NULL;
	return rc;
}

static const struct kernel_param_ops remove_ops = {
	.set = remove_set,
};
module_param_cb(remove, &remove_ops, NULL, 0200);

static int put_set(const char *value, const struct kernel_param *kp)
{
	pmem_altmap_put(altmap);
	altmap = NULL;
	return 0;
}

static const struct kernel_param_ops put_ops = {
	.set = put_set,
};
module_param_cb(put, &put_ops, NULL, 0200);

/*
 * A page of a namespace that is held: 1: the last one, reckoned from the counters and looked
 * up nowhere; 2: the first one, looked up; 0: neither
 */
static struct page *held;

static int hold_set(const char *value, const struct kernel_param *kp)
{
	struct pmem_altmap_counters counters;
	struct page *page;

	if (held)
		put_page(held);
	held = NULL;
	if (!altmap || pmem_altmap_read(altmap, &counters))
		return -ENXIO;
	if (*value == '1') {
		page = pfn_to_page(PHYS_PFN(counters.data_start + counters.data_size) - 1);
		held = compound_head(page);
	} else if (*value == '2') {
		held = pmem_altmap_page(altmap, 0);
	}
	if (held)
		get_page(held);
	return 0;
}

static const struct kernel_param_ops hold_ops = {
	.set = hold_set,
};
module_param_cb(hold, &hold_ops, NULL, 0200);

/* An errno for everybody who wants to add a range */
static int refuse;
module_param(refuse, int, 0600);

/* A notifier of another module's may be called here */
int pma_mapper_notified(struct notifier_block *nb, unsigned long event, void *data)
{
	return NOTIFY_OK;
}
EXPORT_SYMBOL_GPL(pma_mapper_notified);

static int followed(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct pmem_altmap_notice *notice = data;

	if (event == PMEM_ALTMAP_ADDED && !altmap &&
	    strstarts(dev_name(notice->dev), "namespace"))
		altmap = pmem_altmap_get(notice->dev);
	return event == PMEM_ALTMAP_ADDING ? notifier_from_errno(refuse) : NOTIFY_OK;
}

static struct notifier_block follower = {
	.notifier_call = followed,
};

static int mapper_mmap(struct file *file, struct vm_area_struct *vma)
{
	return vm_insert_page(vma, vma->vm_start, pmem_altmap_page(altmap, 0));
}

static const struct file_operations mapper_fops = {
	.owner = THIS_MODULE,
	.mmap = mapper_mmap,
};

static struct miscdevice mapper_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "pma_mapper",
	.fops = &mapper_fops,
};

static int __init mapper_init(void)
{
	struct pmem_altmap_spec spec = {
		.start = start,
		.size = size,
		.align = PAGE_SIZE,
		.nid = NUMA_NO_NODE,
	};
	int rc;

	if (!size) {
		rc = pmem_altmap_register_notifier(&follower);
		if (rc)
			return rc;
		rc = misc_register(&mapper_dev);
		if (rc)
			pmem_altmap_unregister_notifier(&follower);
		return rc;
	}
	pdev = platform_device_register_simple("pma_mapper", -1, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	spec.dev = &pdev->dev;
	altmap = pmem_altmap_add(&spec);
	rc = PTR_ERR_OR_ZERO(altmap);
	if (rc)
		goto unregister;
	rc = misc_register(&mapper_dev);
	if (!rc)
		return 0;
	pmem_altmap_remove(altmap);
unregister:
	platform_device_unregister(pdev);
	return rc;
}
module_init(mapper_init);

static void __exit mapper_exit(void)
{
	misc_deregister(&mapper_dev);
	if (!size) {
		pmem_altmap_unregister_notifier(&follower);
		return;
	}
	if (altmap)
		pmem_altmap_remove(altmap);
	platform_device_unregister(pdev);
}
module_exit(mapper_exit);

MODULE_DESCRIPTION("Test of pmem_altmap: a client that maps pages into user space");
MODULE_LICENSE("GPL");
