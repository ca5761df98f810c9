/* Must compile: if it does not, every probe would say "absent". */
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/nd.h>

int pma_probe(struct device *dev);
int pma_probe(struct device *dev)
{
	return to_nd_namespace_io(dev)->common.claim ? -EBUSY : 0;
}
