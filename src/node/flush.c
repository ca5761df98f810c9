// SPDX-License-Identifier: GPL-2.0-only
#include <linux/libnvdimm.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nd.h>
#include <linux/page-flags.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "compat/compat.h"
#include "compat/page.h"
#include "map/pins.h"
#include "node/gate.h"
#include "node/internal.h"

/* A detach or a signal must not wait for as long as a large range takes. */
static int interrupted(const struct pma_node *node)
{
	if (!pma_gate_is_open(&node->gate))
		return -ENXIO;
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/*
 * Write back the pages [pfn, end) of one unit. x86 takes failed memory out of the direct map
 * soon after memory_failure() has marked its page. The mark is looked for before each page,
 * since memory may fail at any time; a page that fails while this function writes it back
 * still causes an oops.
 */
static int write_back(struct pma_node *node, u64 pfn, u64 end)
{
	struct page *head = &page_folio(pfn_to_page(pfn))->page;
	int rc;

	for (; pfn < end; pfn++) {
		rc = interrupted(node);
		if (rc)
			return rc;
		if (PageHWPoison(head)) {
			dev_info_ratelimited(&node->dev,
					     "%s: memory at offset %#llx has failed: what is in CPU caches of its unit is not written back\n",
					     current->comm,
					     (pfn - node->data_pfn) << PAGE_SHIFT);
			return -EIO;
		}
		arch_wb_cache_pmem(__va(PFN_PHYS(pfn)), PAGE_SIZE);
		cond_resched();
	}
	return 0;
}

/*
 * What user space has stored can be in CPU caches only where a page was mapped. A fault
 * leaves the mapping in each page that it maps, see set_mapping() in fault.c.
 */
static int write_back_mapped(struct pma_node *node, u64 start, u64 end)
{
	const struct pma_map *map = node->provider->map;
	const u64 unit = 1ULL << map->order;
	const u64 size = node->nr_pages << PAGE_SHIFT;
	u64 first, last, pfn;
	int rc, failed = 0;

	if (start >= size || end < start)
		return 0;
	first = node->data_pfn + (start >> PAGE_SHIFT);
	last = node->data_pfn + (min(end, size - 1) >> PAGE_SHIFT);

	pfn = first - ((first - node->data_pfn) & (unit - 1));
	for (; (pfn = pma_map_next_touched(map, pfn)) <= last; pfn += unit) {
		if (READ_ONCE(page_folio(pfn_to_page(pfn))->mapping))
			rc = write_back(node, max(pfn, first),
					min(pfn + unit, last + 1));
		else
			rc = interrupted(node);
		if (rc && rc != -EIO)
			return rc;
		failed = failed ?: rc;
		cond_resched();
	}
	return failed;
}

/**
 * pma_node_fsync - make what was stored survive a power cut
 * @file: an open node
 * @start: offset of the first byte
 * @end: offset of the last byte
 * @datasync: ignored, the node has no metadata
 *
 * Where a power cut loses CPU caches, this writes back those of all pages that were mapped
 * since the namespace was attached, as fs/dax.c does. Detaching writes nothing back. Then
 * the region is flushed: its write queues, or the host's page cache (virtio-pmem).
 *
 * Context: process, may sleep for as long as a host takes. A signal can kill the caller
 * while caches are written back.
 * Return: 0, -ENXIO (the provider is quiesced or detached, or is just being so), -EINTR,
 * or -EIO (memory has failed, or the region cannot be flushed).
 */
int pma_node_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct pma_node *node = file->private_data;
	int rc = 0, rc_region;

	if (!pma_gate_begin_flush(&node->gate))
		return -ENXIO;

	if (node->volatile_cache)
		rc = write_back_mapped(node, start, end);
	/* What was written back before an error is flushed as well. */
	rc_region = nvdimm_flush(to_nd_region(node->provider->dev->parent),
				 NULL);
	pma_gate_end_flush(&node->gate);
	return rc ?: rc_region;
}
