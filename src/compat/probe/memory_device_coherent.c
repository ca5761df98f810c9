/* { "version": "v6.0-rc1", "commit": "f25cbb7a95a2", "comment": "a type of device memory" } */
#include <linux/memremap.h>

enum memory_type pma_probe(void);
enum memory_type pma_probe(void)
{
	return MEMORY_DEVICE_COHERENT;
}
