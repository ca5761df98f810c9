/* { "version": "v6.15-rc1", "comment": "device pages are mapped with a reference and an rmap" } */
#include <linux/huge_mm.h>
#include <linux/mm.h>

vm_fault_t pma_probe(struct vm_fault *vmf, struct folio *folio);
vm_fault_t pma_probe(struct vm_fault *vmf, struct folio *folio)
{
	return vmf_insert_page_mkwrite(vmf, &folio->page, true) |
	       vmf_insert_folio_pmd(vmf, folio, true) |
	       vmf_insert_folio_pud(vmf, folio, true);
}
