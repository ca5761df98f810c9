/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of the types of device memory.
 */
#ifndef PMA_MEMTYPE_H
#define PMA_MEMTYPE_H

#include <linux/memremap.h>

const char *pma_memtype_name(const struct dev_pagemap *pgmap);

#endif /* PMA_MEMTYPE_H */
