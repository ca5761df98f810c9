/* { "version": "v6.15-rc1", "comment": "device pages are mapped with a reference and an rmap" } */
#include <linux/mm.h>

vm_fault_t pma_probe(struct vm_fault *vmf, struct page *page);
vm_fault_t pma_probe(struct vm_fault *vmf, struct page *page)
{
	return vmf_insert_page_mkwrite(vmf, page, true);
}
