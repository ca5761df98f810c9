/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ranges that the kernel has kept a part of, in debugfs.
 */
#ifndef PMA_DEBUGFS_KEPT_H
#define PMA_DEBUGFS_KEPT_H

struct dentry;

void pma_debugfs_kept_init(struct dentry *dir);

#endif /* PMA_DEBUGFS_KEPT_H */
