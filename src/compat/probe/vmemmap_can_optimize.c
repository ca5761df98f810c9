/* { "version": "v6.4-rc1", "comment": "tells whether device pages share their tails' memmap, as they do since v5.19" } */
#include <linux/memremap.h>
#include <linux/mm.h>

bool pma_probe(struct dev_pagemap *pgmap);
bool pma_probe(struct dev_pagemap *pgmap)
{
	return vmemmap_can_optimize(NULL, pgmap);
}
