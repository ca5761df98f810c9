// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose a range is, what its device may be named, and memory of it that fails.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/page-flags.h>
#include <linux/pfn.h>
#include <linux/pmem_altmap.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "apitest.h"

static void owners(struct pmem_altmap_spec spec)
{
	struct pmem_altmap *altmap;

	check_rc(PTR_ERR_OR_ZERO(__pmem_altmap_add(&spec, NULL)), -EINVAL,
		 "refused: a range that nobody owns");
	altmap = pmem_altmap_add(&spec);
	check_rc(PTR_ERR_OR_ZERO(altmap), 0, "a range of this module");
	if (IS_ERR(altmap))
		return;
	check_rc(__pmem_altmap_remove(altmap, NULL), -EPERM, "refused: nobody removes it");
	check_rc(__pmem_altmap_remove(altmap, THIS_MODULE + 1), -EPERM,
		 "refused: another module removes it");
	check_rc(pmem_altmap_remove(altmap), 0, "its own module does");
}

static void release(struct device *dev)
{
	kfree(dev);
}

static int add_named(struct pmem_altmap_spec spec, const char *name)
{
	struct pmem_altmap *altmap;

	spec.dev = kzalloc(sizeof(*spec.dev), GFP_KERNEL);
	if (!spec.dev)
		return -ENOMEM;
	device_initialize(spec.dev);
	spec.dev->release = release;
	/* What the device is called before it is added; no slash is replaced in it */
	spec.dev->init_name = name;
	altmap = pmem_altmap_add(&spec);
	if (!IS_ERR(altmap))
		pmem_altmap_remove(altmap);
	put_device(spec.dev);
	return PTR_ERR_OR_ZERO(altmap);
}

static void names(struct pmem_altmap_spec spec)
{
	static const char * const unfit[] = {
		"", ".", "..", "a/b", "/", "a\npmem_altmap: b", "\x7f", "\x1b[2J"
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unfit); i++)
		check_rc(add_named(spec, unfit[i]), -EINVAL, "refused: a name that is not fit");
	check_rc(add_named(spec, "..a"), 0, "one that is");
}

/* Whether this kernel tells a pagemap's owner of memory that fails */
static bool told = true;
module_param(told, bool, 0444);

static u64 failed_pfn, failed_pages;
static unsigned int nr_failures;

static int followed(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct pmem_altmap_notice *notice = data;

	if (event == PMEM_ALTMAP_MEMORY_FAILURE) {
		nr_failures++;
		failed_pfn = notice->pfn;
		failed_pages = notice->nr_pages;
	}
	return NOTIFY_OK;
}

static struct notifier_block follower = {
	.notifier_call = followed,
};

static void failing(struct pmem_altmap_spec spec)
{
	struct pmem_altmap *altmap;
	unsigned long pfn;

	check_rc(pmem_altmap_register_notifier(&follower), 0, "one more notifier");
	altmap = pmem_altmap_add(&spec);
	check_rc(PTR_ERR_OR_ZERO(altmap), 0, "a range whose memory fails");
	if (!IS_ERR(altmap)) {
		pmem_altmap_pfn(altmap, SZ_4M + SZ_4K, &pfn);
		check(memory_failure(pfn, 0) < 0, "failed memory is not said to be dealt with");
		check(!!PageHWPoison(pfn_to_page(pfn)) == told, "the page is marked");
		check(!PageHWPoison(pfn_to_page(pfn + 1)), "and no other");
		check(nr_failures == told && (!told || (failed_pfn == pfn && failed_pages == 1)),
		      "the notifier is told which one");
		check_rc(pmem_altmap_remove(altmap), 0, "and it is removed as any other");
	}
	check_rc(pmem_altmap_unregister_notifier(&follower), 0, "which goes");
}

/* Adds @spec and removes it again */
void apitest_owner(struct pmem_altmap_spec spec)
{
	owners(spec);
	names(spec);
	failing(spec);
}
