// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "debugfs.h"
#include "debugfs_census.h"

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
};

static const char * const state_names[] = {
	[PMA_ATTACHED] = "attached",
	[PMA_QUIESCED] = "quiesced",
};

/* What a file's inode points to */
struct pma_file {
	const struct pma_provider *provider;
	enum pma_file_id id;
};

/* The altmap's own fields are read from the kernel's copy, not from the plan */
static int read_value(const struct pma_file *file, u64 *value)
{
	const struct pma_map *map = file->provider->map;
	const struct vmem_altmap *altmap = &map->pgmap.altmap;

	switch (file->id) {
	case FILE_BASE_PFN:
		*value = altmap->base_pfn;
		return 0;
	case FILE_END_PFN:
		*value = altmap->end_pfn;
		return 0;
	case FILE_RESERVE:
		*value = altmap->reserve;
		return 0;
	case FILE_FREE:
		*value = READ_ONCE(altmap->free);
		return 0;
	case FILE_ALIGN:
		*value = READ_ONCE(altmap->align);
		return 0;
	case FILE_ALLOC:
		*value = READ_ONCE(altmap->alloc);
		return 0;
	case FILE_OFFSET:
		*value = pma_map_offset(map);
		return 0;
	case FILE_NR_FREE:
		*value = pma_map_nr_free(map);
		return 0;
	case FILE_DATA_START:
		*value = map->layout.data_start;
		return 0;
	case FILE_DATA_SIZE:
		*value = map->layout.data_size;
		return 0;
	case FILE_DRAM_MEMMAP:
		*value = map->dram_memmap;
		return 0;
	case FILE_ATTACH_NS:
		*value = map->attach_ns;
		return 0;
	case FILE_MAPPINGS:
		*value = pma_provider_mappings(file->provider);
		return 0;
	case FILE_PINNED:
		return pma_map_pinned(map, value);
	default:
		return -EINVAL;
	}
}

static int pma_file_show(struct seq_file *seq, void *unused)
{
	const struct pma_file *file = seq->private;
	u64 value;
	int rc;

	if (file->id == FILE_STATE) {
		seq_printf(seq, "%s\n",
			   state_names[READ_ONCE(file->provider->state)]);
		return 0;
	}
	rc = read_value(file, &value);
	if (rc)
		return rc;
	seq_printf(seq, "%llu\n", value);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pma_file);

static struct dentry *create_private_dir(const char *name, struct dentry *parent)
{
	struct dentry *dir = debugfs_create_dir(name, parent);

	/* debugfs makes folders 0755, and its root can be mounted for everyone */
	if (!IS_ERR(dir))
		d_inode(dir)->i_mode = S_IFDIR | 0700;
	return dir;
}

/**
 * pma_debugfs_init - make the folders
 *
 * Without debugfs (debugfs=off) nothing is lost but the files.
 *
 * Context: process, may sleep.
 */
void pma_debugfs_init(void)
{
	root_dir = create_private_dir("pmem_altmap", NULL);
	providers_dir = create_private_dir("providers", root_dir);
	pma_debugfs_census_init(root_dir);
}

/**
 * pma_debugfs_exit - remove the folders
 *
 * Context: process, may sleep; waits for readers.
 */
void pma_debugfs_exit(void)
{
	debugfs_remove_recursive(root_dir);
}

static void unpublish(void *data)
{
	/* Waits for readers: none looks at a map that is going away */
	debugfs_remove_recursive(data);
}

/**
 * pma_debugfs_publish - show a provider's files
 * @provider: attached; its device's unbinding takes the files away first
 *
 * Context: process, may sleep, device lock held.
 * Return: 0 or -ENOMEM. A failure of debugfs itself is not an error.
 */
int pma_debugfs_publish(struct pma_provider *provider)
{
	struct device *dev = provider->dev;
	struct pma_file *files;
	struct dentry *dir;
	int i, rc;

	files = devm_kcalloc(dev, NR_FILES, sizeof(*files), GFP_KERNEL);
	if (!files)
		return -ENOMEM;

	dir = create_private_dir(dev_name(dev), providers_dir);
	rc = devm_add_action_or_reset(dev, unpublish, dir);
	if (rc)
		return rc;

	for (i = 0; i < NR_FILES; i++) {
		files[i].provider = provider;
		files[i].id = i;
		debugfs_create_file(file_names[i], 0444, dir, &files[i],
				    &pma_file_fops);
	}
	return 0;
}
