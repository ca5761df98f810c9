// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls what linux/pmem_altmap.h offers, right and wrong, when it is loaded, and says in
 * the log what it found: "ok NAME" or "not ok NAME", then "done N".
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/numa.h>
#include <linux/page-flags.h>
#include <linux/platform_device.h>
#include <linux/pmem_altmap.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "apitest.h"

PMEM_ALTMAP_API_REQUIRE(2);

static unsigned long long start;
module_param(start, ullong, 0444);
static unsigned long long size;
module_param(size, ullong, 0444);

static struct platform_device *one, *two;
static int nr_checks;

void check(bool ok, const char *name)
{
	nr_checks++;
	pr_info("%s %s\n", ok ? "ok" : "not ok", name);
}

void check_rc(int rc, int want, const char *name)
{
	if (rc != want)
		pr_info("%s: got %d, want %d\n", name, rc, want);
	check(rc == want, name);
}

/* What the notifier has seen, a letter each, and how it is to behave */
static char seen[32];
static unsigned int nr_seen;
static int refuse_adding, refuse_removing;
static struct pmem_altmap *inside_remove;
static const struct pmem_altmap_spec *inside_add;
static int inside_rcs[3];
static struct device *watched;
static bool slow;
static bool slow_done;
static DECLARE_COMPLETION(in_callback);

static struct notifier_block notifier;

static void try_wrong_things(void)
{
	struct pmem_altmap *altmap;

	if (!inside_add)
		return;
	altmap = pmem_altmap_add(inside_add);
	inside_rcs[0] = PTR_ERR_OR_ZERO(altmap);
	inside_rcs[1] = pmem_altmap_remove(inside_remove);
	inside_rcs[2] = pmem_altmap_unregister_notifier(&notifier);
	inside_add = NULL;
}

static int notified(struct notifier_block *nb, unsigned long event, void *data)
{
	static const char letters[] = "aAfrkRm";
	const struct pmem_altmap_notice *notice = data;
	int rc = 0;

	if (notice->dev != watched)
		return NOTIFY_DONE;
	if (nr_seen < sizeof(seen) - 1)
		seen[nr_seen++] = letters[event];
	switch (event) {
	case PMEM_ALTMAP_ADDING:
		rc = refuse_adding;
		break;
	case PMEM_ALTMAP_ADDED:
		inside_remove = notice->altmap;
		try_wrong_things();
		break;
	case PMEM_ALTMAP_REMOVING:
		rc = notice->can_refuse ? refuse_removing : 0;
		break;
	case PMEM_ALTMAP_REMOVED:
		if (slow) {
			complete(&in_callback);
			msleep(300);
			WRITE_ONCE(slow_done, true);
		}
		break;
	}
	return notifier_from_errno(rc);
}

static struct notifier_block notifier = {
	.notifier_call = notified,
};

static void watch(struct device *dev)
{
	memset(seen, 0, sizeof(seen));
	nr_seen = 0;
	watched = dev;
}

static struct pmem_altmap_spec spec_of(struct platform_device *pdev)
{
	return (struct pmem_altmap_spec) {
		.dev = &pdev->dev,
		.start = start,
		.size = size,
		.nid = NUMA_NO_NODE,
	};
}

static int add_error(const struct pmem_altmap_spec *spec)
{
	struct pmem_altmap *altmap = pmem_altmap_add(spec);

	if (!IS_ERR(altmap))
		return pmem_altmap_remove(altmap);
	return PTR_ERR(altmap);
}

#define CHECK_REFUSED(field, value, error)				\
	do {								\
		struct pmem_altmap_spec s = spec_of(one);		\
									\
		s.field = value;					\
		check_rc(add_error(&s), error,				\
			 "refused: " #field " = " #value);		\
	} while (0)

static void refusals(void)
{
	struct resource elsewhere = DEFINE_RES_MEM(SZ_1G, SZ_2M);
	struct pmem_altmap_spec spec;

	check_rc(add_error(NULL), -EINVAL, "refused: no spec");
	CHECK_REFUSED(dev, NULL, -EINVAL);
	CHECK_REFUSED(flags, BIT(31), -EINVAL);
	CHECK_REFUSED(size, 0, -ERANGE);
	CHECK_REFUSED(size, size - SZ_1M, -EINVAL);
	CHECK_REFUSED(start, start + SZ_4K, -EINVAL);
	CHECK_REFUSED(start, SZ_2M, -EBUSY);
	CHECK_REFUSED(start, 1ULL << 51, -ERANGE);
	CHECK_REFUSED(align, 3 * SZ_1M, -EOPNOTSUPP);
	CHECK_REFUSED(free, 512, -ENOSPC);
	CHECK_REFUSED(free, size >> PAGE_SHIFT, -ERANGE);
	CHECK_REFUSED(reserve, ~0ULL, -ERANGE);
	CHECK_REFUSED(region, &iomem_resource, -EINVAL);
	CHECK_REFUSED(region, &elsewhere, -EINVAL);
	CHECK_REFUSED(nid, MAX_NUMNODES, -EINVAL);
	CHECK_REFUSED(nid, -2, -EINVAL);
	CHECK_REFUSED(nid, MAX_NUMNODES - 1, -EINVAL);
	spec = spec_of(one);
	check_rc(PTR_ERR_OR_ZERO(devm_pmem_altmap_add(&spec)), -EINVAL,
		 "refused: devm for a device without a driver");
}

/* The pages at the head that are to be kept are, and the caller's region stays its own */
static void own_region(void)
{
	struct pmem_altmap_spec spec = spec_of(one);
	struct pmem_altmap_counters counters;
	struct pmem_altmap *altmap;
	const u64 *head;
	u64 *mapped;

	spec.region = request_mem_region(start, size, "pma_apitest");
	spec.reserve = 1;
	check(spec.region, "the region can be requested");
	if (!spec.region)
		return;
	mapped = memremap(start, PAGE_SIZE, MEMREMAP_WB);
	if (mapped) {
		memset(mapped, 0x77, PAGE_SIZE);
		memunmap(mapped);
	}
	altmap = pmem_altmap_add(&spec);
	check_rc(PTR_ERR_OR_ZERO(altmap), 0, "a range in the caller's region");
	if (!IS_ERR(altmap)) {
		pmem_altmap_read(altmap, &counters);
		check(counters.reserve == 1 && counters.align == 511 &&
		      counters.alloc == size / SZ_128M * 512 &&
		      counters.offset == counters.reserve + counters.free,
		      "reserve, align, alloc and offset");
		check_rc(pmem_altmap_remove(altmap), 0, "and away");
	}
	mapped = memremap(start, PAGE_SIZE, MEMREMAP_WB);
	head = mapped;
	check(head && !memchr_inv(head, 0x77, PAGE_SIZE), "the reserve is untouched");
	if (mapped)
		memunmap(mapped);
	check(!request_mem_region(start, size, "other"), "the region is still the caller's");
	release_mem_region(start, size);
}

static void lookups(struct pmem_altmap *altmap)
{
	struct pmem_altmap_counters counters;
	unsigned long pfn = 0;
	u64 last;
	u8 *addr;

	check_rc(pmem_altmap_read(altmap, NULL), -EINVAL, "counters without a place");
	pmem_altmap_read(altmap, &counters);
	check(counters.base_pfn == start >> PAGE_SHIFT &&
	      counters.end_pfn == ((start + size) >> PAGE_SHIFT) - 1 &&
	      counters.alloc == size / SZ_128M * 512 &&
	      counters.data_start + counters.data_size == start + size &&
	      !counters.dram_memmap && counters.attach_ns,
	      "counters");
	last = counters.data_size - 1;
	check(!pmem_altmap_pfn(altmap, 0, &pfn) &&
	      pfn == counters.data_start >> PAGE_SHIFT, "pfn of the first byte");
	check(!pmem_altmap_pfn(altmap, last, &pfn) && pfn == counters.end_pfn,
	      "pfn of the last byte");
	check_rc(pmem_altmap_pfn(altmap, last + 1, &pfn), -ERANGE, "pfn behind it");
	check_rc(pmem_altmap_pfn(altmap, ~0ULL, &pfn), -ERANGE, "pfn far behind it");
	check(pmem_altmap_page(altmap, last) == pfn_to_page(counters.end_pfn),
	      "page of the last byte");
	check_rc(PTR_ERR_OR_ZERO(pmem_altmap_page(altmap, last + 1)), -ERANGE,
		 "page behind it");
	check_rc(PTR_ERR_OR_ZERO(pmem_altmap_address(altmap, last + 1)), -ERANGE,
		 "address behind it");
	addr = pmem_altmap_address(altmap, last);
	*addr = 0x42;
	addr = (u8 *)pmem_altmap_address(altmap, last - 1) + 1;
	check(*addr == 0x42 && virt_to_page(addr) == pmem_altmap_page(altmap, last),
	      "addresses are those of the pages");
	check(page_ref_count(pmem_altmap_page(altmap, 0)) == 1, "an idle page has one reference");
}

static void references(struct pmem_altmap *altmap)
{
	struct pmem_altmap_spec spec = spec_of(two);
	struct pmem_altmap_counters counters;
	struct page *page = pmem_altmap_page(altmap, SZ_16M);

	check(!pmem_altmap_get(&two->dev), "a device without a range has none");
	check(pmem_altmap_get(&one->dev) == altmap, "a range is found by its device");
	pmem_altmap_read(altmap, &counters);
	check(counters.users == 1, "and counts its users");
	check_rc(pmem_altmap_remove(altmap), -EBUSY, "refused: removing what is used");
	pmem_altmap_put(altmap);
	pmem_altmap_put(altmap);
	pmem_altmap_put(NULL);
	pmem_altmap_read(altmap, &counters);
	check(!counters.users, "put, and too often");
	get_page(page);
	check_rc(pmem_altmap_remove(altmap), -EBUSY, "refused: removing what has a page held");
	put_page(page);
	check_rc(add_error(&spec), -EBUSY, "refused: the same range again");
	spec.start += SZ_128M;
	spec.size = SZ_128M;
	check_rc(add_error(&spec), -EBUSY, "refused: a part of it");
	spec.dev = &one->dev;
	check_rc(add_error(&spec), -EEXIST, "refused: a second range of the device");
}

static void once(void)
{
	struct pmem_altmap_spec spec = spec_of(one);
	struct pmem_altmap *altmap;

	watch(&one->dev);
	inside_add = &spec;
	altmap = pmem_altmap_add(&spec);
	check_rc(PTR_ERR_OR_ZERO(altmap), 0, "a range is added");
	if (IS_ERR(altmap))
		return;
	check(altmap == inside_remove, "which its notifier knows");
	check_rc(inside_rcs[0], -EDEADLK, "refused: adding from a notifier");
	check_rc(inside_rcs[1], -EDEADLK, "refused: removing from a notifier");
	check_rc(inside_rcs[2], -EDEADLK, "refused: unregistering from a notifier");
	lookups(altmap);
	references(altmap);
	refuse_removing = -EAGAIN;
	check_rc(pmem_altmap_remove(altmap), -EAGAIN, "refused: by a notifier");
	refuse_removing = 0;
	check_rc(pmem_altmap_remove(altmap), 0, "a range is removed");
	check_rc(pmem_altmap_remove(altmap), -ENODEV, "refused: removing it again");
	pmem_altmap_put(altmap);
	check(!pmem_altmap_get(&one->dev), "what was removed is not found");
	check_rc(pmem_altmap_remove(NULL), -ENODEV, "refused: removing nothing");
	/* Used, held by a page, refused, and then for good */
	check(!strcmp(seen, "aArkrkrkrR"), "the notifier was told in order");
	if (strcmp(seen, "aArkrkrkrR"))
		pr_info("seen %s\n", seen);

	watch(&one->dev);
	refuse_adding = -ENOSPC;
	check_rc(add_error(&spec), -ENOSPC, "refused: adding, by a notifier");
	refuse_adding = 0;
	check(!strcmp(seen, "af"), "which was told, too");
	check_rc(add_error(&spec), 0, "and nothing is in its way later");
}

static struct pmem_altmap *slowly_removed;

static void remove_slowly(struct work_struct *work)
{
	check_rc(pmem_altmap_remove(slowly_removed), 0, "removed while a notifier sleeps");
}

static DECLARE_WORK(slow_work, remove_slowly);

/* A notifier that stops the chain, or refuses where it cannot, keeps nothing from anybody */
static int stopping(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct pmem_altmap_notice *notice = data;

	if (event == PMEM_ALTMAP_REMOVING && !notice->can_refuse)
		return notifier_from_errno(-EPERM);
	return event == PMEM_ALTMAP_ADDED || event == PMEM_ALTMAP_REMOVED ?
		       notifier_from_errno(-EPERM) :
		       NOTIFY_STOP;
}

struct notifier_block apitest_stopper = {
	.notifier_call = stopping,
	.priority = 10,
};

static void stopped(void)
{
	struct pmem_altmap_spec spec = spec_of(one);

	check_rc(pmem_altmap_register_notifier(&apitest_stopper), 0, "one that stops the chain");
	check_rc(pmem_altmap_register_notifier(&apitest_stopper), -EEXIST,
		 "refused: registering it again");
	watch(&one->dev);
	check_rc(add_error(&spec), 0, "keeps no range from coming and going");
	check(!strcmp(seen, "aArR"), "nor others from being told");
	check_rc(pmem_altmap_unregister_notifier(&apitest_stopper), 0, "and goes");
}

static void with_flags(void)
{
	struct pmem_altmap_spec spec = spec_of(one);
	struct pmem_altmap *altmap;

	spec.flags = PMEM_ALTMAP_NO_SCAN | PMEM_ALTMAP_NO_COMPOUND;
	spec.nid = 0;
	altmap = pmem_altmap_add(&spec);
	check_rc(PTR_ERR_OR_ZERO(altmap), 0, "flags and a node");
	if (IS_ERR(altmap))
		return;
	check(!PageCompound(pmem_altmap_page(altmap, 0)), "pages are single ones then");
	check_rc(pmem_altmap_remove(altmap), 0, "and go");
}

/* Who unregisters waits for the callback */
static void unregister_late(void)
{
	struct pmem_altmap_spec spec = spec_of(one);

	watch(&one->dev);
	slowly_removed = pmem_altmap_add(&spec);
	if (IS_ERR(slowly_removed))
		return;
	slow = true;
	schedule_work(&slow_work);
	wait_for_completion(&in_callback);
	check_rc(pmem_altmap_unregister_notifier(&notifier), 0, "unregistered while it is called");
	check(READ_ONCE(slow_done), "after the call");
	flush_work(&slow_work);
	slow = false;
	check_rc(pmem_altmap_unregister_notifier(&notifier), -ENOENT,
		 "refused: unregistering again");
}

static void many_sizes(void)
{
	static const u64 aligns[] = { SZ_4K, SZ_2M, SZ_1G };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aligns); i++) {
		struct pmem_altmap_spec spec = spec_of(one);
		struct pmem_altmap *altmap;
		struct page *page;

		spec.align = aligns[i];
		altmap = pmem_altmap_add(&spec);
		check_rc(PTR_ERR_OR_ZERO(altmap), 0, "an align");
		if (IS_ERR(altmap))
			continue;
		page = pmem_altmap_page(altmap, 0);
		get_page(page);
		check_rc(pmem_altmap_remove(altmap), -EBUSY, "with a held page");
		put_page(page);
		check_rc(pmem_altmap_remove(altmap), 0, "and without");
	}
}

static int __init apitest_init(void)
{
	one = platform_device_register_simple("pma_apitest", 1, NULL, 0);
	two = platform_device_register_simple("pma_apitest", 2, NULL, 0);
	if (IS_ERR(one) || IS_ERR(two))
		return -ENOMEM;
	check_rc(pmem_altmap_register_notifier(&notifier), 0, "registered");
	refusals();
	once();
	own_region();
	many_sizes();
	with_flags();
	stopped();
	unregister_late();
	apitest_edges(spec_of(one));
	apitest_owner(spec_of(one));
	apitest_stress(spec_of(one));
	apitest_follow();
	pr_info("done %d\n", nr_checks);
	return 0;
}
module_init(apitest_init);

static void __exit apitest_exit(void)
{
	apitest_follow_no_more();
	platform_device_unregister(two);
	platform_device_unregister(one);
}
module_exit(apitest_exit);

MODULE_DESCRIPTION("Test of pmem_altmap's interface for other modules");
MODULE_LICENSE("GPL");
