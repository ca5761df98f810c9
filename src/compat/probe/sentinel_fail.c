/* Must not compile: if it does, every probe would say "present". */
#include <linux/memremap.h>

void pma_probe(void);
void pma_probe(void)
{
	pma_no_such_function(PGMAP_ALTMAP_VALID);
}
