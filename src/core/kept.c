// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core/kept.h"

/* /proc/iomem shows this before the name of a region that stays until a reboot. */
#define KEPT_PREFIX "kept by the kernel until a reboot: "

static LIST_HEAD(kept_list);
static DEFINE_MUTEX(kept_lock);

/**
 * pma_kept_prepare - allocate an entry beforehand, since an add may fail for want of memory
 * @name: of the device
 * @start: of its range, a physical address
 * @size: bytes
 *
 * Context: process, may sleep.
 * Return: an entry for pma_kept_add() or kfree(), or NULL.
 */
struct pma_kept *pma_kept_prepare(const char *name, u64 start, u64 size)
{
	struct pma_kept *kept = kzalloc(sizeof(*kept), GFP_KERNEL);

	if (!kept)
		return NULL;
	kept->start = start;
	kept->size = size;
	strscpy(kept->name, name, sizeof(kept->name));
	return kept;
}

/**
 * pma_kept_add - note that the kernel has kept a part of a range
 * @kept: from pma_kept_prepare(); the list owns it from here on
 * @alloc: altmap pages that the kernel has kept
 * @removing: whether a removal, and not an add, has stopped half-way
 *
 * pma_claim_release() does not release a region that has an entry, so this is called first.
 *
 * Context: process, may sleep.
 */
void pma_kept_add(struct pma_kept *kept, unsigned long alloc, bool removing)
{
	kept->alloc = alloc;
	kept->removing = removing;
	mutex_lock(&kept_lock);
	list_add_tail(&kept->node, &kept_list);
	mutex_unlock(&kept_lock);
}

static const struct pma_kept *find_kept(u64 start, u64 size)
{
	const struct pma_kept *kept;

	lockdep_assert_held(&kept_lock);
	list_for_each_entry(kept, &kept_list, node)
		if (start < kept->start + kept->size && kept->start < start + size)
			return kept;
	return NULL;
}

/**
 * pma_kept_check - has the kernel kept a part of a range?
 * @start: a physical address
 * @size: bytes
 * @why: filled in on refusal
 *
 * Context: process, may sleep.
 * Return: 0 or -EBUSY.
 */
int pma_kept_check(u64 start, u64 size, struct pma_refusal *why)
{
	const struct pma_kept *kept;
	int rc = 0;

	mutex_lock(&kept_lock);
	kept = find_kept(start, size);
	if (kept)
		rc = pma_refuse(why, -EBUSY,
				"the kernel has kept a part of [mem %#llx-%#llx], with %lu altmap pages, since %s %s failed half-way: reboot first",
				kept->start, kept->start + kept->size - 1, kept->alloc,
				kept->removing ? "removing" : "adding", kept->name);
	mutex_unlock(&kept_lock);
	return rc;
}

/**
 * pma_kept_any - has the kernel kept a part of any range?
 *
 * Context: process, may sleep.
 * Return: whether it has, since this module was loaded.
 */
bool pma_kept_any(void)
{
	bool any;

	mutex_lock(&kept_lock);
	any = !list_empty(&kept_list);
	mutex_unlock(&kept_lock);
	return any;
}

/**
 * pma_kept_each - look at all ranges that the kernel has kept a part of
 * @each: called for each, with the lock of the list held
 * @data: for @each
 *
 * Context: process, may sleep.
 */
void pma_kept_each(void (*each)(const struct pma_kept *kept, void *data), void *data)
{
	const struct pma_kept *kept;

	mutex_lock(&kept_lock);
	list_for_each_entry(kept, &kept_list, node)
		each(kept, data);
	mutex_unlock(&kept_lock);
}

/**
 * pma_kept_exit - forget the list; the regions stay requested
 *
 * Context: process, may sleep; the module is being unloaded.
 */
void pma_kept_exit(void)
{
	struct pma_kept *kept, *next;

	list_for_each_entry_safe(kept, next, &kept_list, node) {
		pr_warn("unloaded while the kernel keeps a part of the range of %s: do not hibernate before a reboot, nothing refuses that any more\n",
			kept->name);
		list_del(&kept->node);
		kfree(kept);
	}
}

/**
 * pma_claim_request - request a memory region, for longer if the kernel keeps a part of it
 * @start: physical address
 * @size: bytes
 * @name: for /proc/iomem
 *
 * Context: process, may sleep.
 * Return: the claim, or NULL where another driver has a part of the region, or without memory.
 */
struct pma_claim *pma_claim_request(u64 start, u64 size, const char *name)
{
	struct pma_claim *claim = kzalloc(sizeof(*claim), GFP_KERNEL);

	if (!claim)
		return NULL;
	/* The region may outlive the device, and so must not use the device's own name. */
	claim->name = kasprintf(GFP_KERNEL, KEPT_PREFIX "%s", name);
	if (claim->name)
		claim->region = request_mem_region(start, size,
						   claim->name + strlen(KEPT_PREFIX));
	if (claim->region)
		return claim;
	kfree(claim->name);
	kfree(claim);
	return NULL;
}

/**
 * pma_claim_release - give up a memory region, unless the kernel has kept a part of it
 * @claim: from pma_claim_request(), or NULL
 *
 * A region of which the kernel has kept a part stays requested until the next boot, also when
 * this module is gone, so that no driver writes where the kernel's memmap is. Its name is
 * leaked on purpose, since /proc/iomem reads it.
 *
 * Context: process, may sleep.
 */
void pma_claim_release(struct pma_claim *claim)
{
	const struct pma_kept *kept;

	if (!claim)
		return;
	mutex_lock(&kept_lock);
	kept = find_kept(claim->region->start, resource_size(claim->region));
	mutex_unlock(&kept_lock);
	if (kept) {
		/* Both names lie in one string, so a reader of the old name is safe. */
		WRITE_ONCE(claim->region->name, claim->name);
	} else {
		release_mem_region(claim->region->start, resource_size(claim->region));
		kfree(claim->name);
	}
	kfree(claim);
}
