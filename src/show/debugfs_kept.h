/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file of debugfs that shows the ranges of which the kernel has kept a part.
 */
#ifndef PMA_DEBUGFS_KEPT_H
#define PMA_DEBUGFS_KEPT_H

struct dentry;

void pma_debugfs_kept_init(struct dentry *dir);

#endif /* PMA_DEBUGFS_KEPT_H */
