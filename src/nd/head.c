// SPDX-License-Identifier: GPL-2.0-only
#include <linux/io.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "map/map.h"
#include "nd/head.h"
#include "plan/infoblock.h"

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

/**
 * pma_head_layout - read a namespace's info block
 * @res: the namespace's range
 * @parent_uuid: its uuid, PMA_UUID_SIZE bytes; all zero without labels
 * @layout: filled in: how the block says that it is laid out
 * @why: filled in on refusal
 *
 * Context: process, may sleep. The caller owns the memory region.
 * Return: 0, -ENOMEM, -EIO, or an errno of pma_infoblock_parse(),
 * pma_infoblock_check_parent() or pma_layout_plan().
 */
int pma_head_layout(const struct resource *res, const u8 *parent_uuid,
		    struct pma_layout *layout, struct pma_refusal *why)
{
	struct pma_memory_model mm;
	struct pma_infoblock ib;
	u8 *head;
	int rc;

	head = kmalloc(PMA_HEAD_SIZE, GFP_KERNEL);
	if (!head)
		return pma_refuse(why, -ENOMEM, "no memory to read the head");

	rc = read_head(res, head, why);
	if (!rc)
		rc = pma_infoblock_parse(head, &ib, why);
	if (!rc)
		rc = pma_infoblock_check_parent(&ib, parent_uuid, why);
	kfree(head);
	if (rc)
		return rc;

	pma_map_memory_model(&mm);
	return pma_layout_plan(&ib, res->start, resource_size(res), &mm, layout,
			       why);
}
