/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files under /sys/kernel/debug/pmem_altmap, as docs/ABI describes them.
 */
#ifndef PMA_DEBUGFS_H
#define PMA_DEBUGFS_H

#include "provider.h"

void pma_debugfs_init(void);
void pma_debugfs_exit(void);
int pma_debugfs_publish(struct pma_provider *provider);

#endif /* PMA_DEBUGFS_H */
