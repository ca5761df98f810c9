// SPDX-License-Identifier: GPL-2.0-only
/* The functions that linux/pmem_altmap.h offers to other modules. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/pmem_altmap.h>
#include <linux/string.h>

#include "core/lifecycle.h"
#include "core/notify.h"
#include "core/provider.h"
#include "core/registry.h"
#include "map/pins.h"

/*
 * The name becomes a folder in debugfs, and lines of the kernel's log begin with it, where
 * control characters could imitate other lines. All other bytes are escaped where they are shown.
 */
static bool is_fit(const char *name)
{
	const char *c;

	if (!name || !*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (c = name; *c; c++)
		if (*c == '/' || (isascii(*c) && iscntrl(*c)))
			return false;
	return true;
}

static int check_spec(const struct pmem_altmap_spec *spec, bool driver_owned,
		      struct pma_refusal *why)
{
	const unsigned int flags = PMEM_ALTMAP_NO_SCAN | PMEM_ALTMAP_NO_COMPOUND;

	if (spec->flags & ~flags)
		return pma_refuse(why, -EINVAL,
				  "flags %#x are not known: see linux/pmem_altmap.h",
				  spec->flags & ~flags);
	if (driver_owned && !spec->dev->driver)
		return pma_refuse(why, -EINVAL,
				  "the device has no driver that could be unbound: use pmem_altmap_add()");
	return 0;
}

static int make_plan(const struct pmem_altmap_spec *spec, struct pma_plan *plan,
		     struct pma_refusal *why)
{
	struct pma_request request = {
		.start = spec->start,
		.size = spec->size,
		.reserve = spec->reserve,
		.free = spec->free,
	};
	struct pma_memory_model mm;

	pma_map_memory_model(&mm);
	request.align = spec->align ?: (mm.aligns & PMD_SIZE) ?: PAGE_SIZE;
	return pma_plan_request(&request, &mm, plan, why);
}

static struct pmem_altmap *add(const struct pmem_altmap_spec *spec,
			       bool driver_owned, struct module *owner)
{
	struct pmem_altmap *altmap;
	struct pma_terms terms;
	struct pma_refusal why;
	struct pma_plan plan;
	const char *name;
	int rc;

	if (!spec || !spec->dev) {
		pr_err("a range without a device is not added: see linux/pmem_altmap.h\n");
		return ERR_PTR(-EINVAL);
	}
	name = dev_name(spec->dev);
	if (!is_fit(name)) {
		pr_err("the range of a device named '%*pE' is not added (error %d): the name is empty, '.' or '..', or has a slash or a control character, give it another one\n",
		       name ? (int)strnlen(name, PMA_NAME_SIZE) : 0, name ?: "",
		       -EINVAL);
		return ERR_PTR(-EINVAL);
	}
	terms = (struct pma_terms) {
		.dev = spec->dev,
		.nid = spec->nid,
		.flags = spec->flags,
		.region = spec->region,
		.driver_owned = driver_owned,
		.client = true,
		.owner = owner,
	};
	rc = check_spec(spec, driver_owned, &why) ?: make_plan(spec, &plan, &why);
	altmap = rc ? ERR_PTR(rc) : pma_add(&plan, &terms, &why);
	if (IS_ERR(altmap))
		pma_provider_refused(spec->dev, "added", &why);
	return altmap;
}

/* A client of another version of the interface asks for another symbol, and is not loaded. */
const int pmem_altmap_api_2 = PMEM_ALTMAP_API_VERSION;
EXPORT_SYMBOL_GPL(pmem_altmap_api_2);
static_assert(PMEM_ALTMAP_API_VERSION == 2);

/**
 * __pmem_altmap_add - what pmem_altmap_add() calls
 * @spec: the range; read before this returns
 * @owner: the calling module, which alone may remove the range. When it is unloaded and has not
 *	removed the range, the device is let go of
 *
 * Context: as pmem_altmap_add().
 * Return: as pmem_altmap_add(), and -EINVAL without an owner.
 */
struct pmem_altmap *__pmem_altmap_add(const struct pmem_altmap_spec *spec,
				      struct module *owner)
{
	if (!owner) {
		pr_err("a range that no module owns is not added: call pmem_altmap_add()\n");
		return ERR_PTR(-EINVAL);
	}
	return add(spec, false, owner);
}
EXPORT_SYMBOL_GPL(__pmem_altmap_add);

/**
 * devm_pmem_altmap_add - add a range until the driver of its device is unbound
 * @spec: as for pmem_altmap_add(); its dev is being bound to the caller's driver
 *
 * The removal cannot be refused: it waits until no module holds the range and no page of the
 * range is held, and every 10 seconds the log says what it waits for. When the probe function
 * fails later, the range is removed as well.
 *
 * Context: as pmem_altmap_add(), in a probe function.
 * Return: as pmem_altmap_add(), and -EINVAL for a device without a driver.
 */
struct pmem_altmap *devm_pmem_altmap_add(const struct pmem_altmap_spec *spec)
{
	return add(spec, true, NULL);
}
EXPORT_SYMBOL_GPL(devm_pmem_altmap_add);

/**
 * __pmem_altmap_remove - what pmem_altmap_remove() calls
 * @altmap: from pmem_altmap_add()
 * @owner: the calling module, which has added the range
 *
 * Context: as pmem_altmap_remove().
 * Return: as pmem_altmap_remove().
 */
int __pmem_altmap_remove(struct pmem_altmap *altmap, struct module *owner)
{
	return pma_remove(altmap, owner);
}
EXPORT_SYMBOL_GPL(__pmem_altmap_remove);

/**
 * pmem_altmap_get - find the range of a device, and keep it
 * @dev: the device of a pmem_altmap_add(), or a namespace that pmem_altmap's driver has attached
 *
 * While a module has the range, pmem_altmap_remove() is refused, and the unbinding of a driver
 * waits. So let go of the range when a notifier is told PMEM_ALTMAP_REMOVING.
 *
 * Having a range and reading its counters does not touch its pages. Look up each page before
 * you take a reference to it or map it: see pmem_altmap_pfn().
 *
 * Context: process, may sleep; also from a notifier.
 * Return: the range, which stays until pmem_altmap_put(), or NULL if the device has none, or
 * has one that is being added, removed or quiesced.
 */
struct pmem_altmap *pmem_altmap_get(struct device *dev)
{
	return pma_registry_use(dev);
}
EXPORT_SYMBOL_GPL(pmem_altmap_get);

/**
 * pmem_altmap_put - let go of a range
 * @altmap: from pmem_altmap_get(), or NULL
 *
 * To put a range too often, or one that is gone, is ignored, and the log says so.
 *
 * Context: process, may sleep; also from a notifier.
 */
void pmem_altmap_put(struct pmem_altmap *altmap)
{
	if (altmap)
		pma_registry_unuse(altmap);
}
EXPORT_SYMBOL_GPL(pmem_altmap_put);

/**
 * pmem_altmap_read - read the counters of a range
 * @altmap: one that the caller has added or got
 * @counters: filled in with the present values
 *
 * The addresses among them are for showing. Before you take a reference to a page that you have
 * found by them, look the page up by pmem_altmap_pfn() or the like.
 *
 * Context: any.
 * Return: 0, or -EINVAL if one of the two is NULL.
 */
int pmem_altmap_read(struct pmem_altmap *altmap,
		     struct pmem_altmap_counters *counters)
{
	if (!altmap || !counters)
		return -EINVAL;
	pma_provider_read(altmap, counters);
	return 0;
}
EXPORT_SYMBOL_GPL(pmem_altmap_read);

/**
 * pmem_altmap_pfn - look up the page frame of an offset in the data
 * @altmap: one that the caller has added or got
 * @offset: bytes from the start of the data
 * @pfn: filled in
 *
 * Pages of the reserve and of the memmap cannot be looked up.
 *
 * When a range is removed, only pages that can have references are looked at. In a range that
 * the caller has added itself, these are all pages. In any other range, such as a namespace,
 * these are the pages that user space has mapped by the device node, and the pages of each
 * section (128 MiB on x86) of which a page was looked up by this function, pmem_altmap_page() or
 * pmem_altmap_address(). A compound page belongs to the section of its head. So look up each
 * page before you take a reference to it or map it, and do not compute it from another one. In
 * a section that was looked up, mappings of user space hold a page as well.
 *
 * Context: any.
 * Return: 0, or -ERANGE beyond the data.
 */
int pmem_altmap_pfn(struct pmem_altmap *altmap, u64 offset, unsigned long *pfn)
{
	const struct pma_plan *plan = &altmap->plan;

	if (offset >= plan->data_size)
		return -ERANGE;
	*pfn = PHYS_PFN(plan->data_start + offset);
	/* A page that is taken by its pfn is in no page table, where a removal would find it. */
	pma_map_take(altmap->map, *pfn);
	return 0;
}
EXPORT_SYMBOL_GPL(pmem_altmap_pfn);

/**
 * pmem_altmap_page - look up the struct page of an offset in the data
 * @altmap: one that the caller has added or got
 * @offset: bytes from the start of the data
 *
 * With an align above 4 KiB the page can be a tail of a compound page.
 *
 * Context: any.
 * Return: the page, to which no reference is taken, or ERR_PTR(-ERANGE).
 */
struct page *pmem_altmap_page(struct pmem_altmap *altmap, u64 offset)
{
	unsigned long pfn;
	int rc = pmem_altmap_pfn(altmap, offset, &pfn);

	return rc ? ERR_PTR(rc) : pfn_to_page(pfn);
}
EXPORT_SYMBOL_GPL(pmem_altmap_page);

/**
 * pmem_altmap_address - look up the kernel's address of an offset in the data
 * @altmap: one that the caller has added or got
 * @offset: bytes from the start of the data
 *
 * All data is mapped in one piece, cached. The CPU may load from and store to all of the data
 * from one such address on; direct I/O and the like take references, so look up each page for
 * them. Stores reach the persistence domain by the means of the architecture
 * (memcpy_flushcache(), then the region's own flush). Read with copy_mc_to_kernel() to survive
 * media errors.
 *
 * Context: any.
 * Return: an address, or ERR_PTR(-ERANGE).
 */
void *pmem_altmap_address(struct pmem_altmap *altmap, u64 offset)
{
	struct page *page = pmem_altmap_page(altmap, offset);

	if (IS_ERR(page))
		return ERR_CAST(page);
	return page_address(page) + offset_in_page(offset);
}
EXPORT_SYMBOL_GPL(pmem_altmap_address);

/**
 * pmem_altmap_register_notifier - be told of ranges that come and go
 * @nb: its notifier_call gets an &enum pmem_altmap_event and a &struct pmem_altmap_notice;
 *	notifiers of higher priority are called first
 *
 * A callback refuses an event that may be refused by returning an errno through
 * notifier_from_errno(). All other return values, and an errno for any other event, are ignored:
 * the notifiers behind it are told as well.
 *
 * For one range, ADDING comes before ADDED or ADD_FAILED, and REMOVING before REMOVED or
 * REMOVE_FAILED. MEMORY_FAILURE can come at any time from ADDING to REMOVED. Events of different
 * ranges can come at the same time. A callback runs in process context and may sleep. For a
 * namespace, its caller holds the device lock. It may call pmem_altmap_get() from ADDED on,
 * pmem_altmap_put(), and the functions that look up; adding, removing and unregistering are
 * refused with -EDEADLK. It must not wait for a task that does any of these three.
 *
 * No event comes for a range that is there already: look for it with pmem_altmap_get() after
 * this call. Its removal is told like any other.
 *
 * Context: process, may sleep.
 * Return: 0, or -EEXIST when @nb is registered already.
 */
int pmem_altmap_register_notifier(struct notifier_block *nb)
{
	return pma_notify_register(nb);
}
EXPORT_SYMBOL_GPL(pmem_altmap_register_notifier);

/**
 * pmem_altmap_unregister_notifier - end pmem_altmap_register_notifier()
 * @nb: registered
 *
 * This waits for callbacks that run. A module must call it before it is unloaded. When a module
 * forgets, its notifiers are unregistered, and the log says so.
 *
 * Context: process, may sleep. Not from a notifier.
 * Return: 0, -ENOENT when @nb is not registered, or -EDEADLK from a notifier.
 */
int pmem_altmap_unregister_notifier(struct notifier_block *nb)
{
	return pma_notify_unregister(nb);
}
EXPORT_SYMBOL_GPL(pmem_altmap_unregister_notifier);
