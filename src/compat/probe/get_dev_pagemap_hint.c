/* { "gone": "v6.18-rc1", "comment": "get_dev_pagemap() took a pgmap to look at first" } */
#include <linux/memremap.h>

struct dev_pagemap *pma_probe(unsigned long pfn);
struct dev_pagemap *pma_probe(unsigned long pfn)
{
	return get_dev_pagemap(pfn, NULL);
}
