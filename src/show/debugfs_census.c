// SPDX-License-Identifier: GPL-2.0-only
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/pfn.h>
#include <linux/seq_file.h>

#include "core/kept.h"
#include "core/registry.h"
#include "nd/namespace.h"
#include "show/census.h"
#include "show/debugfs_census.h"
#include "show/escape.h"

/* The list of providers is asked first, since their devices need not be on the nd bus. */
static void find_owner(u64 start, struct pma_owner *owner)
{
	if (!pma_registry_at(start, owner->name, sizeof(owner->name),
			     owner->driver, sizeof(owner->driver)))
		pma_namespace_find_owner(start, owner);
}

static bool show_row(const struct pma_census_entry *entry, void *data)
{
	char name[PMA_WORD_SIZE(PMA_OWNER_SIZE)];
	char driver[PMA_WORD_SIZE(PMA_OWNER_SIZE)];
	struct seq_file *seq = data;
	struct pma_owner owner;

	find_owner(entry->start, &owner);
	seq_printf(seq, "%#012llx-%#012llx %-14s %-12s %-8s %5u ", entry->start,
		   entry->start + entry->size - 1,
		   pma_word(name, sizeof(name), owner.name),
		   pma_word(driver, sizeof(driver), owner.driver), entry->type,
		   entry->order);
	if (entry->has_altmap)
		seq_printf(seq, "%10llu %7llu %8llu %5llu %8llu %8llu ",
			   entry->base_pfn, entry->reserve, entry->free,
			   entry->align, entry->alloc,
			   entry->reserve + entry->free);
	else
		seq_printf(seq, "%10s %7s %8s %5s %8s %8s ", "-", "-", "-", "-",
			   "-", "-");
	seq_printf(seq, "%13llu %11llu %14llu %10lu %10lu\n",
		   entry->memmap_device, entry->memmap_dram, entry->data_size,
		   PHYS_PFN(entry->start),
		   PHYS_PFN(entry->start + entry->size) - 1);
	/* After an overflow, seq_file begins the walk anew with a larger buffer. */
	return !seq_has_overflowed(seq);
}

static int altmaps_show(struct seq_file *seq, void *unused)
{
	int rc;

	seq_printf(seq, "%-29s %-14s %-12s %-8s %5s %10s %7s %8s %5s %8s %8s %13s %11s %14s %10s %10s\n",
		   "range", "owner", "driver", "type", "order", "base_pfn",
		   "reserve", "free", "align", "alloc", "offset",
		   "memmap_device", "memmap_dram", "data_size", "start_pfn",
		   "end_pfn");
	rc = pma_census(show_row, seq);
	if (!rc)
		seq_puts(seq, "# not counted: the altmaps of System RAM that was hot-added with memmap_on_memory\n");
	return rc;
}
DEFINE_SHOW_ATTRIBUTE(altmaps);

static bool show_object(const struct pma_census_entry *entry, void *data)
{
	struct seq_file *seq = data;
	struct pma_owner owner;

	find_owner(entry->start, &owner);
	seq_printf(seq, "{\"start\":%llu,\"size\":%llu,\"owner\":", entry->start,
		   entry->size);
	pma_show_string(seq, owner.name);
	seq_puts(seq, ",\"driver\":");
	pma_show_string(seq, owner.driver);
	seq_printf(seq, ",\"type\":\"%s\",\"order\":%u,\"altmap\":%s", entry->type,
		   entry->order, entry->has_altmap ? "true" : "false");
	if (entry->has_altmap)
		seq_printf(seq, ",\"base_pfn\":%llu,\"reserve\":%llu,\"free\":%llu,\"align\":%llu,\"alloc\":%llu,\"offset\":%llu",
			   entry->base_pfn, entry->reserve, entry->free,
			   entry->align, entry->alloc,
			   entry->reserve + entry->free);
	seq_printf(seq, ",\"memmap_device\":%llu,\"memmap_dram\":%llu,\"data_size\":%llu,\"start_pfn\":%lu,\"end_pfn\":%lu}\n",
		   entry->memmap_device, entry->memmap_dram, entry->data_size,
		   PHYS_PFN(entry->start),
		   PHYS_PFN(entry->start + entry->size) - 1);
	return !seq_has_overflowed(seq);
}

static int altmaps_json_show(struct seq_file *seq, void *unused)
{
	return pma_census(show_object, seq);
}
DEFINE_SHOW_ATTRIBUTE(altmaps_json);

struct totals {
	u64 pagemaps;
	u64 altmaps;
	u64 memmap_device;
	u64 memmap_dram;
};

static bool add_up(const struct pma_census_entry *entry, void *data)
{
	struct totals *totals = data;

	totals->pagemaps++;
	totals->altmaps += entry->has_altmap;
	totals->memmap_device += entry->memmap_device;
	totals->memmap_dram += entry->memmap_dram;
	return true;
}

static int summary_show(struct seq_file *seq, void *unused)
{
	struct totals totals = {};
	int rc = pma_census(add_up, &totals);

	if (rc)
		return rc;
	seq_printf(seq, "pagemaps %llu\naltmaps %llu\nmemmap_device %llu\nmemmap_dram %llu\n",
		   totals.pagemaps, totals.altmaps, totals.memmap_device,
		   totals.memmap_dram);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(summary);

static void show_kept(const struct pma_kept *kept, void *data)
{
	struct seq_file *seq = data;

	seq_printf(seq, "{\"start\":%llu,\"size\":%llu,\"device\":", kept->start,
		   kept->size);
	pma_show_string(seq, kept->name);
	seq_printf(seq, ",\"alloc\":%lu,\"failed\":\"%s\"}\n", kept->alloc,
		   kept->removing ? "remove" : "add");
}

static int kept_show(struct seq_file *seq, void *unused)
{
	pma_kept_each(show_kept, seq);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kept);

/**
 * pma_debugfs_census_init - make the files
 * @dir: where
 *
 * On kernels where a census is not possible, only "kept" is made.
 *
 * Context: process, may sleep.
 */
void pma_debugfs_census_init(struct dentry *dir)
{
	debugfs_create_file("kept", 0444, dir, NULL, &kept_fops);
	if (!pma_census_possible())
		return;
	debugfs_create_file("altmaps", 0444, dir, NULL, &altmaps_fops);
	debugfs_create_file("altmaps_json", 0444, dir, NULL, &altmaps_json_fops);
	debugfs_create_file("summary", 0444, dir, NULL, &summary_fops);
}
