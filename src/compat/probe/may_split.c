/* { "version": "v5.11-rc1", "commit": "dd3b614f858d", "comment": "was called split" } */
#include <linux/mm.h>

int pma_probe(const struct vm_operations_struct *ops, struct vm_area_struct *vma);
int pma_probe(const struct vm_operations_struct *ops, struct vm_area_struct *vma)
{
	return ops->may_split(vma, vma->vm_start);
}
