/* { "version": "v6.0-rc1", "commit": "33a8f7f2b3a3", "comment": "a pagemap's owner is told of memory that fails" } */
#include <linux/memremap.h>

int pma_probe(struct dev_pagemap_ops *ops, struct dev_pagemap *pgmap);
int pma_probe(struct dev_pagemap_ops *ops, struct dev_pagemap *pgmap)
{
	return ops->memory_failure(pgmap, 0UL, 1UL, 0);
}
