// SPDX-License-Identifier: GPL-2.0-only
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "compat/compat.h"
#include "compat/page.h"
#include "map/memmap.h"
#include "show/census.h"

/**
 * pma_census_type - the type of a pagemap's memory, by name
 * @pgmap: held
 *
 * The numbers of the types change between kernels.
 *
 * Context: any.
 * Return: a word.
 */
const char *pma_census_type(const struct dev_pagemap *pgmap)
{
	switch (pgmap->type) {
	case MEMORY_DEVICE_PRIVATE:
		return "private";
	case MEMORY_DEVICE_FS_DAX:
		return "fsdax";
	case MEMORY_DEVICE_GENERIC:
		return "generic";
	case MEMORY_DEVICE_PCI_P2PDMA:
		return "p2pdma";
	default:
		return pma_is_coherent(pgmap) ? "coherent" : "unknown";
	}
}

/* Finds the range of a pagemap that has @pfn. */
static bool find_range(const struct dev_pagemap *pgmap, u64 pfn,
		       struct range *range)
{
	int i;

	for (i = 0; i < READ_ONCE(pgmap->nr_range); i++) {
		*range = pgmap->ranges[i];
		if (pfn >= PHYS_PFN(range->start) && pfn <= PHYS_PFN(range->end))
			return true;
	}
	return false;
}

/*
 * Copies what is known of the range that has @pfn. The detach of the pagemap's owner waits
 * for this reference, so preemption is off while it is held. An add or remove that is under
 * way on another CPU may move the counters meanwhile.
 */
static bool read_entry(u64 pfn, struct pma_census_entry *entry)
{
	enum pma_memmap_source source = PMA_MEMMAP_DRAM;
	struct dev_pagemap *pgmap;
	struct range range;
	bool found;

	preempt_disable();
	pgmap = get_dev_pagemap(pfn);
	if (!pgmap) {
		preempt_enable();
		return false;
	}
	found = find_range(pgmap, pfn, &range);
	*entry = (struct pma_census_entry) {
		.type = pma_census_type(pgmap),
		.order = pma_get_order(pgmap),
		.has_altmap = pgmap->flags & PGMAP_ALTMAP_VALID,
	};
	if (entry->has_altmap) {
		source = PMA_MEMMAP_ALTMAP;
		entry->base_pfn = pgmap->altmap.base_pfn;
		entry->reserve = pgmap->altmap.reserve;
		entry->free = READ_ONCE(pgmap->altmap.free);
		entry->align = READ_ONCE(pgmap->altmap.align);
		entry->alloc = READ_ONCE(pgmap->altmap.alloc);
	} else if (pma_has_dedup(pgmap)) {
		source = PMA_MEMMAP_DEDUP;
	}
	put_dev_pagemap(pgmap);
	preempt_enable();
	if (!found)
		return false;

	entry->start = range.start;
	entry->size = range_len(&range);
	entry->memmap_device = entry->alloc << PAGE_SHIFT;
	entry->memmap_dram = pma_memmap_dram(PHYS_PFN(range.start),
					     PHYS_PFN(range.end), entry->order,
					     source);
	entry->data_size = entry->size -
			   ((entry->reserve + entry->free) << PAGE_SHIFT);
	return true;
}

/**
 * pma_census_possible - may pma_census() be called?
 *
 * Context: any.
 * Return: whether this kernel lets pagemaps be looked up safely.
 */
bool pma_census_possible(void)
{
	return pma_can_take_census();
}

/**
 * pma_census - look at every range of every dev_pagemap
 * @each: called for each, in the order of addresses, until it returns false; may sleep
 * @data: for @each
 *
 * Pages of device memory have a section like all others, so the sections lead to every
 * pagemap, also to those that a walk of the resources misses. A range that is added or
 * removed meanwhile may be found or not. System RAM that was hot-added with
 * memmap_on_memory has an altmap that no dev_pagemap leads to, and is left out.
 *
 * Context: process, may sleep; only where pma_census_possible().
 * Return: 0 or -EINTR when the caller is being killed.
 */
int pma_census(bool (*each)(const struct pma_census_entry *entry, void *data),
	       void *data)
{
	const u64 end = section_nr_to_pfn(NR_MEM_SECTIONS);
	struct pma_census_entry entry;
	u64 pfn = 0;

	while (pfn < end) {
		struct mem_section *ms = __pfn_to_section(pfn);

		if (!ms) {
			/* The whole root is absent, and with it all of its sections. */
			pfn = ALIGN(pfn + 1,
				    SECTIONS_PER_ROOT * PAGES_PER_SECTION);
		} else if (!valid_section(ms)) {
			pfn = ALIGN(pfn + 1, PAGES_PER_SECTION);
		} else if (read_entry(pfn, &entry)) {
			if (!each(&entry, data))
				return 0;
			pfn = ALIGN(PHYS_PFN(entry.start + entry.size),
				    PAGES_PER_SUBSECTION);
		} else {
			pfn += PAGES_PER_SUBSECTION;
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}
