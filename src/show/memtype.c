// SPDX-License-Identifier: GPL-2.0-only
#include "compat/page.h"
#include "show/memtype.h"

/**
 * pma_memtype_name - the type of a pagemap's memory, by name
 * @pgmap: held
 *
 * The types' numbers change between kernels.
 *
 * Context: any.
 * Return: a word.
 */
const char *pma_memtype_name(const struct dev_pagemap *pgmap)
{
	switch (pgmap->type) {
	case MEMORY_DEVICE_PRIVATE:
		return "private";
	case MEMORY_DEVICE_FS_DAX:
		return "fsdax";
	case MEMORY_DEVICE_GENERIC:
		return "generic";
	case MEMORY_DEVICE_PCI_P2PDMA:
		return "p2pdma";
	default:
		return pma_is_coherent(pgmap) ? "coherent" : "unknown";
	}
}
