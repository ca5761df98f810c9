// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has new pages of device memory come with other counts of references than this kernel gives
 * them, and adds and removes a range of them. Says in the log "ok NAME" or "not ok NAME", then
 * "done N".
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/page_ref.h>
#include <linux/pfn.h>
#include <linux/platform_device.h>
#include <linux/pmem_altmap.h>

static unsigned long long start;
module_param(start, ullong, 0444);
static unsigned long long size;
module_param(size, ullong, 0444);

/* What new pages are to have; those in the middle something else, if that is not negative */
static int count = 1, middle = -1;
static int nr_checks;

static void check(bool ok, const char *name)
{
	nr_checks++;
	pr_info("%s %s\n", ok ? "ok" : "not ok", name);
}

static bool is_ours(const struct dev_pagemap *pgmap)
{
	return pgmap && pgmap->nr_range == 1 && pgmap->range.start == start;
}

static void set_counts(const struct dev_pagemap *pgmap, int all, int some)
{
	const unsigned long first = pgmap->altmap.base_pfn + pgmap->altmap.reserve +
				    pgmap->altmap.free;
	const unsigned long end = PHYS_PFN(pgmap->range.end + 1);
	unsigned long pfn;

	for (pfn = first; pfn < end; pfn++) {
		struct page *page = pfn_to_page(pfn);
		const bool is_middle = pfn > first + (end - first) / 4 &&
				       pfn < end - (end - first) / 4;

		if (!PageTail(page))
			set_page_count(page, is_middle && some >= 0 ? some : all);
	}
}

static int add_begins(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct dev_pagemap *pgmap = (void *)regs_get_kernel_argument(regs, 0);

	if (!is_ours(pgmap))
		return 1;
	*(const struct dev_pagemap **)ri->data = pgmap;
	return 0;
}

static int add_ends(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (!IS_ERR((void *)regs_return_value(regs)))
		set_counts(*(const struct dev_pagemap **)ri->data, count, middle);
	return 0;
}

static struct kretprobe add_probe = {
	.kp.symbol_name = "memremap_pages",
	.entry_handler = add_begins,
	.handler = add_ends,
	.data_size = sizeof(void *),
};

/* The kernel is to find what it gave */
static int removed(struct kprobe *probe, struct pt_regs *regs)
{
	const struct dev_pagemap *pgmap = (void *)regs_get_kernel_argument(regs, 0);

	if (is_ours(pgmap))
		set_counts(pgmap, 1, -1);
	return 0;
}

static struct kprobe remove_probe = {
	.symbol_name = "memunmap_pages",
	.pre_handler = removed,
};

static void can_be_used(const struct pmem_altmap_spec *spec, int all)
{
	struct pmem_altmap *altmap;
	struct page *page;

	count = all;
	middle = -1;
	altmap = pmem_altmap_add(spec);
	check(!IS_ERR(altmap), all ? "idle pages have one reference" :
				     "idle pages have none");
	if (IS_ERR(altmap))
		return;
	page = pmem_altmap_page(altmap, 0);
	page_ref_inc(page);
	check(pmem_altmap_remove(altmap) == -EBUSY, "one more is a pin");
	page_ref_dec(page);
	check(!pmem_altmap_remove(altmap), "and without it the range is removed");
}

static void is_refused(const struct pmem_altmap_spec *spec, int all, int some,
		       const char *name)
{
	struct pmem_altmap *altmap;

	count = all;
	middle = some;
	altmap = pmem_altmap_add(spec);
	check(PTR_ERR_OR_ZERO(altmap) == -EOPNOTSUPP, name);
	if (!IS_ERR(altmap))
		pmem_altmap_remove(altmap);
}

static int __init idle_init(void)
{
	struct pmem_altmap_spec spec = {
		.start = start,
		.size = size,
		.nid = NUMA_NO_NODE,
	};
	struct platform_device *pdev;
	int rc;

	pdev = platform_device_register_simple("pma_idle", -1, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	spec.dev = &pdev->dev;
	rc = register_kretprobe(&add_probe);
	if (rc)
		goto unregister;
	rc = register_kprobe(&remove_probe);
	if (!rc) {
		can_be_used(&spec, 1);
		can_be_used(&spec, 0);
		is_refused(&spec, 2, -1, "refused: idle pages with two references");
		is_refused(&spec, 1, 0, "refused: idle pages of which some have none");
		is_refused(&spec, 0, 1, "refused: idle pages of which some have one");
		can_be_used(&spec, 1);
		pr_info("done %d\n", nr_checks);
		unregister_kprobe(&remove_probe);
	}
	unregister_kretprobe(&add_probe);
unregister:
	platform_device_unregister(pdev);
	return rc;
}
module_init(idle_init);

static void __exit idle_exit(void)
{
}
module_exit(idle_exit);

MODULE_DESCRIPTION("Test of pmem_altmap: kernels that count idle pages in another way");
MODULE_LICENSE("GPL");
