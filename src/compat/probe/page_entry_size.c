/*
 * { "gone": "v6.6-rc1", "commit": "1d024e7a8dab", "comment": "huge_fault takes an order" }
 * The type of the argument tells nothing: the enum is compatible with unsigned int.
 */
#include <linux/mm.h>

enum page_entry_size pma_probe(void);
enum page_entry_size pma_probe(void)
{
	return PE_SIZE_PMD;
}
