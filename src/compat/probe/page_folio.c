/* { "version": "v5.16-rc1", "commit": "7b230db3b8d3", "comment": "folios" } */
#include <linux/mm.h>

pgoff_t pma_probe(struct page *page);
pgoff_t pma_probe(struct page *page)
{
	return page_folio(page)->index;
}
