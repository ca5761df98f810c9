// SPDX-License-Identifier: GPL-2.0-only
#include <linux/crash_dump.h>
#include <linux/io.h>
#include <linux/libnvdimm.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "provider.h"
#include "scan.h"

/* What can be known without touching the range */
static int check_range(const struct resource *res, struct pma_refusal *why)
{
	const struct range mhp = pma_map_addable();

	/* The dump kernel must find the old kernel's memmap as it was */
	if (is_kdump_kernel())
		return pma_refuse(why, -EPERM,
				  "this is a kdump kernel, attaching would overwrite the memmap to be dumped: attach after the reboot");
	if (!boot_cpu_has(X86_FEATURE_PSE))
		return pma_refuse(why, -EOPNOTSUPP,
				  "this CPU has no 2 MiB pages (Xen PV?), which an altmap needs: use --map=mem");
	if (region_intersects(res->start, resource_size(res),
			      IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) !=
	    REGION_DISJOINT)
		return pma_refuse(why, -EBUSY,
				  "%pR overlaps System RAM: see /proc/iomem, correct memmap= or the firmware's tables",
				  res);
	if (res->start < mhp.start || res->end > mhp.end)
		return pma_refuse(why, -ERANGE,
				  "%pR is outside of [mem %#llx-%#llx], all that this kernel can hot-add: try nokaslr, or 5-level paging",
				  res, mhp.start, mhp.end);
	return 0;
}

/* Copes with poison, as pma_scan() does */
static int read_head(const struct resource *res, u8 *head,
		     struct pma_refusal *why)
{
	unsigned long left;
	void *addr;

	if (resource_size(res) < PMA_HEAD_SIZE)
		return pma_refuse(why, -ERANGE,
				  "%llu bytes cannot hold an info block: resize the namespace with ndctl",
				  (u64)resource_size(res));
	addr = memremap(res->start, PMA_HEAD_SIZE, MEMREMAP_WB);
	if (!addr)
		return pma_refuse(why, -ENOMEM,
				  "cannot map the %d bytes of the head at %pa: see the lines above",
				  PMA_HEAD_SIZE, &res->start);
	left = copy_mc_to_kernel(head, addr, PMA_HEAD_SIZE);
	memunmap(addr);
	if (left)
		return pma_refuse(why, -EIO,
				  "media error in the head, %lu of %d bytes at %pa not read: see 'ndctl list -M' and 'ndctl clear-errors'",
				  left, PMA_HEAD_SIZE, &res->start);
	return 0;
}

static int read_layout(const struct resource *res, const u8 *parent_uuid,
		       struct pma_infoblock *ib, struct pma_layout *layout,
		       struct pma_refusal *why)
{
	struct pma_memory_model mm;
	u8 *head;
	int rc;

	head = kmalloc(PMA_HEAD_SIZE, GFP_KERNEL);
	if (!head)
		return pma_refuse(why, -ENOMEM, "no memory to read the head");

	rc = read_head(res, head, why);
	if (!rc)
		rc = pma_infoblock_parse(head, ib, why);
	if (!rc)
		rc = pma_infoblock_check_parent(ib, parent_uuid, why);
	kfree(head);
	if (rc)
		return rc;

	pma_map_memory_model(&mm);
	return pma_layout_plan(ib, res->start, resource_size(res), &mm, layout,
			       why);
}

static void provider_free(struct kref *ref)
{
	struct pma_provider *provider =
		container_of(ref, struct pma_provider, ref);

	iput(provider->inode);
	kfree(provider);
}

/**
 * pma_provider_get - hold on to the structure
 * @provider: one that the caller knows to be there
 *
 * Context: any.
 * Return: @provider.
 */
struct pma_provider *pma_provider_get(struct pma_provider *provider)
{
	kref_get(&provider->ref);
	return provider;
}

/**
 * pma_provider_put - let go of the structure
 * @provider: from pma_provider_get()
 *
 * Context: process, may sleep.
 */
void pma_provider_put(struct pma_provider *provider)
{
	kref_put(&provider->ref, provider_free);
}

static void provider_put(void *data)
{
	pma_provider_put(data);
}

/**
 * pma_provider_mappings - count the user mappings of the data
 * @provider: its device node was made
 *
 * The kernel merges and splits them without a word to their owner, so they are
 * counted where memory_failure() finds them, too.
 *
 * Context: process, may sleep.
 * Return: how many.
 */
u64 pma_provider_mappings(const struct pma_provider *provider)
{
	struct address_space *mapping = provider->inode->i_mapping;
	struct rb_node *node;
	u64 n = 0;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node; node = rb_next(node))
		n++;
	i_mmap_unlock_read(mapping);
	return n;
}

/**
 * pma_provider_flush - make what was written to the data persistent
 * @provider: attached
 *
 * Flushes the region's write queues, see nvdimm_flush() in drivers/nvdimm. The
 * caches of the CPUs are user space's business, as on any DAX mapping.
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno of the region's flush.
 */
int pma_provider_flush(struct pma_provider *provider)
{
	return nvdimm_flush(to_nd_region(provider->dev->parent), NULL);
}

static void provider_unmap(void *data)
{
	struct pma_provider *provider = data;
	u64 size = provider->map->layout.size;
	unsigned long leaked;

	pma_map_drain(provider->map, provider->dev);
	leaked = pma_map_remove(provider->map);
	if (leaked)
		dev_err(provider->dev,
			"detached, but the kernel kept %lu altmap pages: do not use the namespace before a reboot, and report it\n",
			leaked);
	else
		dev_info(provider->dev,
			 "detached %llu bytes, alloc is back at 0\n", size);
}

/**
 * pma_provider_attach - claim a namespace and add its memory
 * @dev: the namespace; its driver's unbinding undoes everything
 * @res: its range
 * @parent_uuid: its uuid, PMA_UUID_SIZE bytes; all zero without labels
 * @why: filled in on refusal
 *
 * Everything is checked before the memory is touched, and nothing but the
 * memmap is ever written to the range.
 *
 * Context: process, may sleep, device lock of @dev held.
 * Return: the provider or an ERR_PTR. After a failure the driver core releases
 * whatever had been acquired.
 */
struct pma_provider *pma_provider_attach(struct device *dev,
					 const struct resource *res,
					 const u8 *parent_uuid,
					 struct pma_refusal *why)
{
	struct pma_provider *provider;
	struct pma_layout layout;
	int rc;

	rc = check_range(res, why);
	if (rc)
		return ERR_PTR(rc);

	provider = kzalloc(sizeof(*provider), GFP_KERNEL);
	if (!provider) {
		rc = pma_refuse(why, -ENOMEM, "no memory for a provider");
		return ERR_PTR(rc);
	}
	kref_init(&provider->ref);
	provider->dev = dev;
	rc = devm_add_action_or_reset(dev, provider_put, provider);
	if (rc) {
		pma_refuse(why, rc, "no memory for a put action");
		return ERR_PTR(rc);
	}

	if (!devm_request_mem_region(dev, res->start, resource_size(res),
				     dev_name(dev))) {
		rc = pma_refuse(why, -EBUSY,
				"%pR is in use by another driver: see /proc/iomem, then 'ndctl disable-namespace %s'",
				res, dev_name(dev));
		return ERR_PTR(rc);
	}

	rc = read_layout(res, parent_uuid, &provider->infoblock, &layout, why);
	if (rc)
		return ERR_PTR(rc);

	rc = pma_scan(&layout, why);
	if (rc)
		return ERR_PTR(rc);

	provider->map = pma_map_add(&layout, dev_to_node(dev), why);
	if (IS_ERR(provider->map))
		return ERR_CAST(provider->map);

	rc = devm_add_action_or_reset(dev, provider_unmap, provider);
	if (rc) {
		pma_refuse(why, rc, "no memory for a detach action");
		return ERR_PTR(rc);
	}
	return provider;
}
