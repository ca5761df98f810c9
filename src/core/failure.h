/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of a range that has failed.
 */
#ifndef PMA_FAILURE_H
#define PMA_FAILURE_H

#include "core/provider.h"

int pma_memory_failed(struct pmem_altmap *provider, u64 pfn, u64 nr_pages);

#endif /* PMA_FAILURE_H */
