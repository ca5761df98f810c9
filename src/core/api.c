// SPDX-License-Identifier: GPL-2.0-only
/* What linux/pmem_altmap.h offers to other modules. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/pmem_altmap.h>
#include <linux/string.h>

#include "core/notify.h"
#include "core/provider.h"
#include "core/registry.h"
#include "core/remove.h"
#include "map/pins.h"

/*
 * A folder in debugfs has that name, and lines of the kernel's log begin with it, which control
 * characters could make look like others. What else there may be is escaped where it is shown.
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

static struct pmem_altmap *add(const struct pmem_altmap_spec *spec,
			       unsigned int how, struct module *owner)
{
	struct pmem_altmap *altmap;
	struct pma_refusal why;
	const char *name;

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
	altmap = pma_provider_add(spec, how | PMA_CLIENT, owner, &why);
	if (IS_ERR(altmap))
		pma_provider_refused(spec->dev, "added", &why);
	return altmap;
}

/* Only there to be missing in a module with another version of the interface */
const int pmem_altmap_api_2 = PMEM_ALTMAP_API_VERSION;
EXPORT_SYMBOL_GPL(pmem_altmap_api_2);
static_assert(PMEM_ALTMAP_API_VERSION == 2);

/**
 * __pmem_altmap_add - what pmem_altmap_add() calls
 * @spec: which; read before this returns
 * @owner: the caller, who alone may remove it: when it goes and the range is still there, the
 *	device is let go of
 *
 * Context: as pmem_altmap_add().
 * Return: as pmem_altmap_add(); -EINVAL without an owner, too.
 */
struct pmem_altmap *__pmem_altmap_add(const struct pmem_altmap_spec *spec,
				      struct module *owner)
{
	if (!owner) {
		pr_err("a range that no module owns is not added: call pmem_altmap_add()\n");
		return ERR_PTR(-EINVAL);
	}
	return add(spec, 0, owner);
}
EXPORT_SYMBOL_GPL(__pmem_altmap_add);

/**
 * devm_pmem_altmap_add - add a range until the driver of its device is unbound
 * @spec: as for pmem_altmap_add(); its dev is being bound to the caller's driver
 *
 * The removal cannot be refused then: it waits until nobody holds the range or a
 * page of it, and says every 10 seconds in the log for what. A probe that fails later
 * leaves nothing behind.
 *
 * Context: as pmem_altmap_add(), in a probe function.
 * Return: as pmem_altmap_add(); -EINVAL for a device without a driver, too.
 */
struct pmem_altmap *devm_pmem_altmap_add(const struct pmem_altmap_spec *spec)
{
	return add(spec, PMA_DRIVER_OWNED, NULL);
}
EXPORT_SYMBOL_GPL(devm_pmem_altmap_add);

/**
 * __pmem_altmap_remove - what pmem_altmap_remove() calls
 * @altmap: from pmem_altmap_add()
 * @owner: the caller, who has added it
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
 * @dev: whose it is: of pmem_altmap_add(), or a namespace that libnvdimm's driver attached
 *
 * While a module has it, pmem_altmap_remove() is refused, and the unbinding of a driver
 * waits: let go of it when a notifier is told PMEM_ALTMAP_REMOVING.
 *
 * To have a range, and to read its counters, says nothing of its pages. Those that the caller
 * takes references to, or maps, it has to look up first, each one: see pmem_altmap_pfn().
 *
 * Context: process, may sleep; also from a notifier.
 * Return: the range, there until pmem_altmap_put(), or NULL: it has none, or one that is
 * being added, removed, or quiesced.
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
 * Putting more often than getting, or what is not there any more, is ignored, and said.
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
 * pmem_altmap_read - the counters of a range
 * @altmap: one that the caller has added or got
 * @counters: filled in, as they are at that time
 *
 * The addresses in them are to be shown. A page that the caller finds by them is to be looked
 * up by pmem_altmap_pfn() or the like before a reference to it is taken.
 *
 * Context: any.
 * Return: 0, or -EINVAL without one of the two.
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
 * pmem_altmap_pfn - page frame of an offset in the data
 * @altmap: one that the caller has added or got
 * @offset: bytes from the start of the data
 * @pfn: filled in
 *
 * There is no way to a page of the reserve or of the memmap.
 *
 * When a range goes, only those of its pages are looked at for references that can have any: of
 * a range that the caller has added itself, all; of one that it has got, such as a
 * namespace, those that user space has mapped by the device node, and those of each section
 * (128 MiB on x86) of which a page was looked up, by this, pmem_altmap_page() or
 * pmem_altmap_address(). A compound page is in the section of its head. So a caller looks up
 * each page before it takes a reference to it or maps it, and does not reckon from the one to
 * the next. In a section that was looked up, mappings of user space hold a page as well.
 *
 * Context: any.
 * Return: 0, or -ERANGE beyond the data.
 */
int pmem_altmap_pfn(struct pmem_altmap *altmap, u64 offset, unsigned long *pfn)
{
	const struct pma_layout *layout = &altmap->map->layout;

	if (offset >= layout->data_size)
		return -ERANGE;
	*pfn = PHYS_PFN(layout->data_start + offset);
	/* What is taken by it is in no page table */
	pma_map_take(altmap->map, *pfn);
	return 0;
}
EXPORT_SYMBOL_GPL(pmem_altmap_pfn);

/**
 * pmem_altmap_page - struct page of an offset in the data
 * @altmap: one that the caller has added or got
 * @offset: bytes from the start of the data
 *
 * With an align above 4 KiB it can be a tail of a compound page.
 *
 * Context: any.
 * Return: the page, without a reference of its own, or ERR_PTR(-ERANGE).
 */
struct page *pmem_altmap_page(struct pmem_altmap *altmap, u64 offset)
{
	unsigned long pfn;
	int rc = pmem_altmap_pfn(altmap, offset, &pfn);

	return rc ? ERR_PTR(rc) : pfn_to_page(pfn);
}
EXPORT_SYMBOL_GPL(pmem_altmap_page);

/**
 * pmem_altmap_address - where the kernel has an offset of the data mapped
 * @altmap: one that the caller has added or got
 * @offset: bytes from the start of the data
 *
 * All data is mapped in one piece, cached. For loads and stores by the CPU one address leads to
 * all of it; what takes pages, such as direct I/O, wants each looked up. What is written reaches
 * the persistence domain by the means of the architecture (memcpy_flushcache(), then the
 * region's own flush). Media errors are the caller's business: read with copy_mc_to_kernel().
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
 *	those of higher priority come first
 *
 * An errno by notifier_from_errno() refuses, where that is possible; whatever else is
 * returned, and an errno elsewhere, changes nothing: all others are told.
 *
 * Of one range ADDING comes before ADDED or ADD_FAILED, and REMOVING before REMOVED or
 * REMOVE_FAILED; what happens to different ranges can come at the same time, and MEMORY_FAILURE
 * at any time from ADDING to REMOVED. A callback
 * runs in process context, may sleep, and for a namespace has the device's lock held by
 * its caller. It may call pmem_altmap_get() from ADDED on, pmem_altmap_put(), and all that
 * looks up; adding, removing and unregistering from it are refused with -EDEADLK. It must not wait
 * for anybody who does these.
 *
 * Ranges that are there already are not told of: look for those with pmem_altmap_get() after
 * this. They are removed with REMOVING and REMOVED like any other.
 *
 * Context: process, may sleep.
 * Return: 0, or -EEXIST when it is registered already.
 */
int pmem_altmap_register_notifier(struct notifier_block *nb)
{
	return pma_notify_register(nb);
}
EXPORT_SYMBOL_GPL(pmem_altmap_register_notifier);

/**
 * pmem_altmap_unregister_notifier - be told no more
 * @nb: registered
 *
 * Waits for callbacks that run. A module must do it before it goes; one that forgets is told
 * so in the log, and its notifiers are taken away.
 *
 * Context: process, may sleep. Not from a notifier.
 * Return: 0, -ENOENT when it is not registered, or -EDEADLK from a notifier.
 */
int pmem_altmap_unregister_notifier(struct notifier_block *nb)
{
	return pma_notify_unregister(nb);
}
EXPORT_SYMBOL_GPL(pmem_altmap_unregister_notifier);
