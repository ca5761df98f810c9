/* { "version": "v5.19-rc1", "comment": "device pages can share their tails' memmap" } */
#include <linux/memremap.h>
#include <linux/mm.h>

bool pma_probe(struct dev_pagemap *pgmap);
bool pma_probe(struct dev_pagemap *pgmap)
{
	return vmemmap_can_optimize(NULL, pgmap);
}
