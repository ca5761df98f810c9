// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "core/notify.h"
#include "core/provider.h"
#include "map/pins.h"
#include "show/debugfs.h"
#include "show/debugfs_census.h"

static struct dentry *root_dir;
static struct dentry *providers_dir;

enum pma_file_id {
	FILE_BASE_PFN,
	FILE_END_PFN,
	FILE_RESERVE,
	FILE_FREE,
	FILE_ALIGN,
	FILE_ALLOC,
	FILE_OFFSET,
	FILE_NR_FREE,
	FILE_DATA_START,
	FILE_DATA_SIZE,
	FILE_DRAM_MEMMAP,
	FILE_ATTACH_NS,
	FILE_STATE,
	FILE_MAPPINGS,
	FILE_PINNED,
	FILE_USERS,
	NR_FILES
};

static const char * const file_names[NR_FILES] = {
	[FILE_BASE_PFN] = "base_pfn",
	[FILE_END_PFN] = "end_pfn",
	[FILE_RESERVE] = "reserve",
	[FILE_FREE] = "free",
	[FILE_ALIGN] = "align",
	[FILE_ALLOC] = "alloc",
	[FILE_OFFSET] = "offset",
	[FILE_NR_FREE] = "nr_free",
	[FILE_DATA_START] = "data_start",
	[FILE_DATA_SIZE] = "data_size",
	[FILE_DRAM_MEMMAP] = "dram_memmap",
	[FILE_ATTACH_NS] = "attach_ns",
	[FILE_STATE] = "state",
	[FILE_MAPPINGS] = "mappings",
	[FILE_PINNED] = "pinned",
	[FILE_USERS] = "users",
};

static const char * const state_names[] = {
	[PMA_ATTACHED] = "attached",
	[PMA_QUIESCED] = "quiesced",
};

static int read_value(const struct pmem_altmap *provider, enum pma_file_id id,
		      u64 *value)
{
	struct pmem_altmap_counters counters;

	switch (id) {
	case FILE_MAPPINGS:
		*value = pma_provider_mappings(provider);
		return 0;
	case FILE_PINNED:
		return pma_map_pinned(provider->map, value);
	default:
		break;
	}
	pma_provider_read(provider, &counters);
	switch (id) {
	case FILE_BASE_PFN:
		*value = counters.base_pfn;
		return 0;
	case FILE_END_PFN:
		*value = counters.end_pfn;
		return 0;
	case FILE_RESERVE:
		*value = counters.reserve;
		return 0;
	case FILE_FREE:
		*value = counters.free;
		return 0;
	case FILE_ALIGN:
		*value = counters.align;
		return 0;
	case FILE_ALLOC:
		*value = counters.alloc;
		return 0;
	case FILE_OFFSET:
		*value = counters.offset;
		return 0;
	case FILE_NR_FREE:
		*value = counters.nr_free;
		return 0;
	case FILE_DATA_START:
		*value = counters.data_start;
		return 0;
	case FILE_DATA_SIZE:
		*value = counters.data_size;
		return 0;
	case FILE_DRAM_MEMMAP:
		*value = counters.dram_memmap;
		return 0;
	case FILE_ATTACH_NS:
		*value = counters.attach_ns;
		return 0;
	case FILE_USERS:
		*value = counters.users;
		return 0;
	default:
		return -EINVAL;
	}
}

/* The inode of a file points to the provider, and the name of the file says which value. */
static int show(struct seq_file *seq, const char *name)
{
	const struct pmem_altmap *provider = seq->private;
	int id = match_string(file_names, NR_FILES, name);
	u64 value;
	int rc;

	if (id == FILE_STATE) {
		seq_printf(seq, "%s\n", state_names[READ_ONCE(provider->state)]);
		return 0;
	}
	rc = read_value(provider, id, &value);
	if (rc)
		return rc;
	seq_printf(seq, "%llu\n", value);
	return 0;
}

/*
 * Removing the file waits for readers that are in here. It does not wait for the copy to user
 * space, which can take for ever if the destination is memory of FUSE or userfaultfd.
 */
static int pma_file_show(struct seq_file *seq, void *unused)
{
	struct dentry *dentry = seq->file->f_path.dentry;
	int rc;

	rc = debugfs_file_get(dentry);
	if (rc)
		return rc;
	rc = show(seq, dentry->d_name.name);
	debugfs_file_put(dentry);
	return rc;
}
DEFINE_SHOW_ATTRIBUTE(pma_file);

static struct dentry *create_private_dir(const char *name, struct dentry *parent)
{
	struct dentry *dir = debugfs_create_dir(name, parent);

	/* debugfs makes folders 0755, and its root can be mounted so that all users may enter. */
	if (!IS_ERR(dir))
		d_inode(dir)->i_mode = S_IFDIR | 0700;
	return dir;
}

static void publish(struct pmem_altmap *provider)
{
	const char *name = dev_name(provider->dev);
	struct dentry *dir;
	int i;

	/* The folder is still there after another notifier has refused the removal. */
	dir = debugfs_lookup(name, providers_dir);
	if (dir) {
		dput(dir);
		return;
	}
	/* debugfs reports a failure itself, and only the files are missing then. */
	dir = create_private_dir(name, providers_dir);
	for (i = 0; i < NR_FILES; i++)
		debugfs_create_file_unsafe(file_names[i], 0444, dir, provider,
					   &pma_file_fops);
}

/* This waits for readers, so that none looks at a map that is going away. */
static void unpublish(struct pmem_altmap *provider)
{
	debugfs_lookup_and_remove(dev_name(provider->dev), providers_dir);
}

static int follow(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct pmem_altmap_notice *notice = data;

	switch (event) {
	case PMEM_ALTMAP_ADDED:
	case PMEM_ALTMAP_REMOVE_FAILED:
		publish(notice->altmap);
		break;
	case PMEM_ALTMAP_REMOVING:
		unpublish(notice->altmap);
		break;
	}
	return NOTIFY_DONE;
}

/* The lowest priority comes last, when no other notifier can refuse the removal any more. */
static struct notifier_block follower = {
	.notifier_call = follow,
	.priority = INT_MIN,
};

/**
 * pma_debugfs_init - make the folders, and follow adds and removals
 *
 * Without debugfs (debugfs=off) only the files are missing.
 *
 * Context: process, may sleep.
 */
void pma_debugfs_init(void)
{
	root_dir = create_private_dir("pmem_altmap", NULL);
	providers_dir = create_private_dir("providers", root_dir);
	pma_notify_register(&follower);
}

/**
 * pma_debugfs_show_census - make the files that are there without any provider
 *
 * This comes last in loading. A task that has a file open holds a reference to the module, but the
 * kernel ignores references when it takes away a module whose init function has failed.
 *
 * Context: process, may sleep.
 */
void pma_debugfs_show_census(void)
{
	pma_debugfs_census_init(root_dir);
}

/**
 * pma_debugfs_exit - remove the folders
 *
 * Context: process, may sleep; waits for readers.
 */
void pma_debugfs_exit(void)
{
	pma_notify_unregister(&follower);
	debugfs_remove_recursive(root_dir);
}
