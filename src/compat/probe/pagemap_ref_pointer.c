/* { "gone": "v5.17-rc1", "commit": "b80892ca022e", "comment": "the reference was behind a pointer" } */
#include <linux/memremap.h>

struct percpu_ref *pma_probe(struct dev_pagemap *pgmap);
struct percpu_ref *pma_probe(struct dev_pagemap *pgmap)
{
	return pgmap->ref;
}
