/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files under /sys/kernel/debug/pmem_altmap, as docs/ABI describes them.
 */
#ifndef PMA_DEBUGFS_H
#define PMA_DEBUGFS_H

void pma_debugfs_init(void);
void pma_debugfs_show_census(void);
void pma_debugfs_exit(void);

#endif /* PMA_DEBUGFS_H */
