/* { "version": "v6.3-rc1", "commit": "bc292ab00f6c", "comment": "vm_flags is changed by functions only" } */
#include <linux/mm.h>

void pma_probe(struct vm_area_struct *vma);
void pma_probe(struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_HUGEPAGE);
}
