/* { "version": "v5.19-rc1", "comment": "faults know the entry that they found" } */
#include <linux/mm.h>

bool pma_probe(const struct vm_fault *vmf);
bool pma_probe(const struct vm_fault *vmf)
{
	return vmf->flags & FAULT_FLAG_ORIG_PTE_VALID;
}
