// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cache.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "map/scan.h"

static bool scan = true;
module_param(scan, bool, 0644);
MODULE_PARM_DESC(scan, "read the place of the memmap for media errors before attaching (default: Y)");

struct errors {
	u64 lines;
	u64 first;
};

/* Poison covers whole cache lines, so one byte of each line is enough. */
static void scan_block(const u8 *addr, u64 size, u64 phys, struct errors *errors)
{
	u64 i;
	u8 byte;

	for (i = 0; i < size; i += L1_CACHE_BYTES) {
		if (!copy_mc_to_kernel(&byte, addr + i, 1))
			continue;
		if (!errors->lines++)
			errors->first = phys + i;
	}
}

/**
 * pma_scan - look for media errors where the memmap will be
 * @plan: a checked plan
 * @why: filled in on refusal
 *
 * The kernel writes and reads a memmap with plain accesses, and does not survive a machine
 * check there. The list of bad blocks is private to libnvdimm, so the place is read.
 *
 * Context: process, may sleep. The caller owns the memory region.
 * Return: 0, also where the parameter "scan" is off; -EIO, -ENOMEM, or -EINTR when the
 * caller is being killed.
 */
int pma_scan(const struct pma_plan *plan, struct pma_refusal *why)
{
	const u64 end = plan->memmap_start + plan->full_memmap;
	struct errors errors = {};
	u64 pos, size;
	void *addr;

	if (!READ_ONCE(scan))
		return 0;

	for (pos = plan->memmap_start; pos < end; pos += size) {
		size = min_t(u64, end - pos, PMD_SIZE);
		addr = memremap(pos, size, MEMREMAP_WB);
		if (!addr)
			return pma_refuse(why, -ENOMEM,
					  "cannot map %llu bytes at %#llx to look for media errors: see the lines above",
					  size, pos);
		scan_block(addr, size, pos, &errors);
		memunmap(addr);
		if (fatal_signal_pending(current))
			return pma_refuse(why, -EINTR,
					  "interrupted at %#llx while looking for media errors in [%#llx-%#llx]: bind it again, or write N to /sys/module/pmem_altmap/parameters/scan first",
					  pos, plan->memmap_start, end - 1);
		cond_resched();
	}
	if (errors.lines)
		return pma_refuse(why, -EIO,
				  "media errors in %llu lines of %d bytes where the memmap would be, the first at %#llx: see 'ndctl list -M' and 'ndctl clear-errors', or enable it once by the stock driver, which clears those that are known",
				  errors.lines, L1_CACHE_BYTES, errors.first);
	return 0;
}
