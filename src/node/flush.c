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
#include "node/flush.h"
#include "node/node.h"

/* Nobody detaches or ends for as long as a large range takes */
static int interrupted(const struct pma_chardev *chardev)
{
	if (!pma_chardev_alive(chardev))
		return -ENXIO;
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/*
 * Pages [pfn, end) of one unit. x86 takes failed memory out of the direct map, soon after
 * memory_failure() has marked it. Memory may fail just now, so the mark is looked for before
 * each page; that which fails while it is written back is an oops all the same.
 */
static int write_back(struct pma_chardev *chardev, u64 pfn, u64 end)
{
	struct page *head = &page_folio(pfn_to_page(pfn))->page;
	int rc;

	for (; pfn < end; pfn++) {
		rc = interrupted(chardev);
		if (rc)
			return rc;
		if (PageHWPoison(head)) {
			dev_info_ratelimited(&chardev->dev,
					     "%s: memory at offset %#llx has failed: what is in CPU caches of its unit is not written back\n",
					     current->comm,
					     (pfn - chardev->data_pfn) << PAGE_SHIFT);
			return -EIO;
		}
		arch_wb_cache_pmem(__va(PFN_PHYS(pfn)), PAGE_SIZE);
		cond_resched();
	}
	return 0;
}

/*
 * What user space has stored can be in CPU caches. Only in those of pages that were mapped:
 * a fault leaves the mapping in each of these, see set_mapping().
 */
static int write_back_mapped(struct pma_chardev *chardev, u64 start, u64 end)
{
	const struct pma_map *map = chardev->provider->map;
	const u64 unit = 1ULL << map->order;
	const u64 size = chardev->nr_pages << PAGE_SHIFT;
	u64 first, last, pfn;
	int rc, failed = 0;

	if (start >= size || end < start)
		return 0;
	first = chardev->data_pfn + (start >> PAGE_SHIFT);
	last = chardev->data_pfn + (min(end, size - 1) >> PAGE_SHIFT);

	pfn = first - ((first - chardev->data_pfn) & (unit - 1));
	for (; (pfn = pma_map_next_touched(map, pfn)) <= last; pfn += unit) {
		if (READ_ONCE(page_folio(pfn_to_page(pfn))->mapping))
			rc = write_back(chardev, max(pfn, first),
					min(pfn + unit, last + 1));
		else
			rc = interrupted(chardev);
		if (rc && rc != -EIO)
			return rc;
		failed = failed ?: rc;
		cond_resched();
	}
	return failed;
}

/**
 * pma_chardev_fsync - make what was stored survive a power cut
 * @file: an open node
 * @start: offset of the first byte
 * @end: and of the last one
 * @datasync: of no meaning
 *
 * CPU caches are written back where a power cut loses them, as fs/dax.c does it, of what was
 * mapped since it was attached: detaching itself writes nothing back. Then the region is
 * flushed: its write queues, or the host's page cache (virtio-pmem).
 *
 * Context: process, may sleep; as long as a host wants. Can be killed while caches
 * are written back.
 * Return: 0, -ENXIO (quiesced or detached, or just being so), -EINTR, -EIO (memory has
 * failed, or the region cannot be flushed).
 */
int pma_chardev_fsync(struct file *file, loff_t start, loff_t end,
		      int datasync)
{
	struct pma_chardev *chardev = file->private_data;
	int index, rc = 0, rc_region;
	bool alive;

	/* Counted, so that only what revokes this device has to do with it */
	index = pma_chardev_enter();
	alive = pma_chardev_alive(chardev);
	if (alive)
		atomic_inc(&chardev->flushers);
	pma_chardev_leave(index);
	if (!alive)
		return -ENXIO;

	if (chardev->volatile_cache)
		rc = write_back_mapped(chardev, start, end);
	/* Also what was written back before an error */
	rc_region = nvdimm_flush(to_nd_region(chardev->provider->dev->parent),
				 NULL);
	if (atomic_dec_and_test(&chardev->flushers))
		wake_up_all(&chardev->flushed);
	return rc ?: rc_region;
}

/**
 * pma_chardev_flushes_ended - wait for the flushes that go on
 * @chardev: revoked, so that no other one begins
 * @timeout: jiffies
 *
 * Context: process, may sleep.
 * Return: whether all have ended.
 */
bool pma_chardev_flushes_ended(struct pma_chardev *chardev,
			       unsigned long timeout)
{
	wait_event_idle_timeout(chardev->flushed,
				!atomic_read(&chardev->flushers), timeout);
	return !atomic_read(&chardev->flushers);
}

/**
 * pma_chardev_end_flushes - wait for the flushes that go on, however long, and say so
 * @chardev: revoked, so that no other one begins
 *
 * Context: process, may sleep.
 */
void pma_chardev_end_flushes(struct pma_chardev *chardev)
{
	while (!pma_chardev_flushes_ended(chardev, 10 * HZ))
		dev_warn(chardev->provider->dev,
			 "detaching, but %d flushes of its region have not ended for 10 s or more: see what its bus or host does\n",
			 atomic_read(&chardev->flushers));
}
