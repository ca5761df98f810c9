/* { "version": "v5.17-rc1", "commit": "c4386bd8ee3a", "comment": "compound pages of device memory" } */
#include <linux/memremap.h>

void pma_probe(struct dev_pagemap *pgmap);
void pma_probe(struct dev_pagemap *pgmap)
{
	pgmap->vmemmap_shift = 9;
}
