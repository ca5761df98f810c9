/* { "gone": "v5.18-rc1", "commit": "27674ef6c73f", "comment": "the reference was behind a pointer" } */
#include <linux/memremap.h>

struct percpu_ref *pma_probe(struct dev_pagemap *pgmap);
struct percpu_ref *pma_probe(struct dev_pagemap *pgmap)
{
	return pgmap->ref;
}
