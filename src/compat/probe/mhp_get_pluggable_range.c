/* { "version": "v5.12-rc1", "commit": "bca3feaa0764", "comment": "the range that can be hot-added is exported" } */
#include <linux/memory_hotplug.h>

u64 pma_probe(void);
u64 pma_probe(void)
{
	return mhp_get_pluggable_range(true).end;
}
