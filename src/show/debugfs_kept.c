// SPDX-License-Identifier: GPL-2.0-only
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/seq_file.h>

#include "core/kept.h"
#include "show/debugfs_kept.h"
#include "show/escape.h"

static void show_object(const struct pma_kept *kept, void *data)
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
	pma_kept_each(show_object, seq);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kept);

/**
 * pma_debugfs_kept_init - make the file
 * @dir: where
 *
 * Context: process, may sleep.
 */
void pma_debugfs_kept_init(struct dentry *dir)
{
	debugfs_create_file("kept", 0444, dir, NULL, &kept_fops);
}
