// SPDX-License-Identifier: GPL-2.0-only
/* What linux/pmem_altmap.h offers to other modules. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/pmem_altmap.h>

#include "core/notify.h"
#include "core/provider.h"
#include "core/registry.h"
#include "core/remove.h"
#include "map/pins.h"

static struct pmem_altmap *add(const struct pmem_altmap_spec *spec,
			       unsigned int how, struct module *owner)
{
	struct pmem_altmap *altmap;
	struct pma_refusal why;

	if (!spec || !spec->dev) {
		pr_err("a range without a device is not added: see linux/pmem_altmap.h\n");
		return ERR_PTR(-EINVAL);
	}
	/* Who knows where its data begins asks for no page */
	altmap = pma_provider_add(spec, how | PMA_PAGES_TAKEN, &why);
	if (IS_ERR(altmap))
		pma_provider_refused(spec->dev, "added", &why);
	else
		altmap->owner = owner;
	return altmap;
}

/* Only there to be missing in a module with another version of the interface */
const int pmem_altmap_api_1 = PMEM_ALTMAP_API_VERSION;
EXPORT_SYMBOL_GPL(pmem_altmap_api_1);
static_assert(PMEM_ALTMAP_API_VERSION == 1);

/**
 * __pmem_altmap_add - what pmem_altmap_add() calls
 * @spec: which; read before this returns
 * @owner: the caller: when it goes and the range is still there, the device is let go of
 *
 * Context: as pmem_altmap_add().
 * Return: as pmem_altmap_add().
 */
struct pmem_altmap *__pmem_altmap_add(const struct pmem_altmap_spec *spec,
				      struct module *owner)
{
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
 * pmem_altmap_remove - remove a range, unless somebody needs it
 * @altmap: from pmem_altmap_add()
 *
 * Asks the notifiers first, then looks for references of other modules and for pages that
 * are held. When this fails the range is as it was.
 *
 * Context: process, may sleep; takes the memory hotplug lock. Not from a notifier. Takes
 * milliseconds per GiB of 4 KiB pages.
 * Return: 0, or
 *
 * * -EBUSY: pages are held, other modules have it, or it is being added or removed
 * * -ENODEV: it is not there (any more)
 * * -EPERM: devm_pmem_altmap_add() or libnvdimm's driver has added it: unbind that
 * * -EDEADLK: called from a notifier
 * * what a notifier refused with
 */
int pmem_altmap_remove(struct pmem_altmap *altmap)
{
	return pma_remove(altmap);
}
EXPORT_SYMBOL_GPL(pmem_altmap_remove);

/**
 * pmem_altmap_get - find the range of a device, and keep it
 * @dev: whose it is: of pmem_altmap_add(), or a namespace that libnvdimm's driver attached
 *
 * While a module has it, pmem_altmap_remove() is refused, and the unbinding of a driver
 * waits: let go of it when a notifier is told PMEM_ALTMAP_REMOVING.
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
 * Context: any.
 * Return: 0, or -EINVAL without one of the two.
 */
int pmem_altmap_read(struct pmem_altmap *altmap,
		     struct pmem_altmap_counters *counters)
{
	if (!altmap || !counters)
		return -EINVAL;
	/* They lead to pages, too */
	pma_map_touch_all(altmap->map);
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
 * Context: any.
 * Return: 0, or -ERANGE beyond the data.
 */
int pmem_altmap_pfn(struct pmem_altmap *altmap, u64 offset, unsigned long *pfn)
{
	const struct pma_layout *layout = &altmap->map->layout;

	if (offset >= layout->data_size)
		return -ERANGE;
	/* What is taken by it is in no page table */
	pma_map_touch_all(altmap->map);
	*pfn = PHYS_PFN(layout->data_start + offset);
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
 * All data is mapped in one piece, cached. What is written reaches the persistence domain
 * by the means of the architecture (memcpy_flushcache(), then the region's own flush).
 * Media errors are the caller's business: read with copy_mc_to_kernel().
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
 * REMOVE_FAILED; what happens to different ranges can come at the same time. A callback
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
