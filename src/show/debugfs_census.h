/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of debugfs that show the census, and the ranges of which the kernel has kept a part.
 */
#ifndef PMA_DEBUGFS_CENSUS_H
#define PMA_DEBUGFS_CENSUS_H

#include <linux/dcache.h>

void pma_debugfs_census_init(struct dentry *dir);

#endif /* PMA_DEBUGFS_CENSUS_H */
