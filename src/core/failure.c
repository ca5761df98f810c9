// SPDX-License-Identifier: GPL-2.0-only
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/page-flags.h>

#include "compat/page.h"
#include "core/failure.h"
#include "core/notify.h"
#include "core/registry.h"

/**
 * pma_memory_failed - mark memory that has failed, and tell everybody
 * @provider: its pagemap is held, which its removal waits for
 * @pfn: the first data page that has failed
 * @nr_pages: how many
 *
 * The kernel's generic way finds out by the pages' mapping who has them in user space, kills
 * those, and marks the pages. That is right for what our device node has mapped. Pages of another
 * module have no mapping, and the generic way then gives up before it marks anything.
 *
 * Context: process, may sleep; memory_failure() holds its lock.
 * Return: 0, or -EOPNOTSUPP: the generic way is to be gone.
 */
int pma_memory_failed(struct pmem_altmap *provider, u64 pfn, u64 nr_pages)
{
	struct device *dev = pma_registry_device(provider);
	struct pmem_altmap_notice notice;
	u64 i;

	pma_provider_notice(provider, &notice);
	notice.dev = dev;
	notice.pfn = pfn;
	notice.nr_pages = nr_pages;
	for (i = 0; provider->client && i < nr_pages; i++)
		SetPageHWPoison(pfn_to_page(pfn + i));
	dev_err(dev, "memory at offset %#llx of its data has failed, %llu pages of it: stop using that, and restore it from elsewhere\n",
		PFN_PHYS(pfn) - provider->map->layout.data_start, nr_pages);
	pma_notify(PMEM_ALTMAP_MEMORY_FAILURE, &notice);
	put_device(dev);
	if (!provider->client ||
	    READ_ONCE(page_folio(pfn_to_page(pfn))->mapping))
		return -EOPNOTSUPP;
	return 0;
}
