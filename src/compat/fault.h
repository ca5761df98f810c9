/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For node/: mapping and faulting with the functions of the newest kernel, which are provided
 * here where a kernel lacks them. See compat.h.
 */
#ifndef PMA_COMPAT_FAULT_H
#define PMA_COMPAT_FAULT_H

#include "page.h"
#include "require.h"

#include <linux/fs.h>
#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>

#include "config.h"

#ifndef PMA_HAVE_VM_FLAGS_SET
static inline void vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags |= flags;
}
#endif

#ifdef PMA_HAVE_FOP_MMAP_SYNC
#define PMA_FOP_MMAP_SYNC .fop_flags = FOP_MMAP_SYNC
#else
#define PMA_FOP_MMAP_SYNC .mmap_supported_flags = MAP_SYNC
#endif

#ifdef PMA_HAVE_MM_GET_UNMAPPED_AREA_MM
/* The function had this form from v6.10 to v6.18. */
#define mm_get_unmapped_area(file, addr, len, pgoff, flags) \
	mm_get_unmapped_area(current->mm, file, addr, len, pgoff, flags)
#elif !defined(PMA_HAVE_MM_GET_UNMAPPED_AREA)
static inline unsigned long
mm_get_unmapped_area(struct file *file, unsigned long addr, unsigned long len,
		     unsigned long pgoff, unsigned long flags)
{
	return current->mm->get_unmapped_area(file, addr, len, pgoff, flags);
}
#endif

#ifndef PMA_HAVE_MAY_SPLIT
#define may_split split
#endif

/*
 * Since v6.15, fork() copies the page tables of a VMA that has, or had, a guard region.
 * copy_huge_pud() takes no references for what it copies, but unmapping the copy drops them, so
 * a page that is pinned would look free. is_valid_guard_vma() refuses guard regions in a VMA
 * with this flag, and the flag has the fewest other effects: mremap() cannot grow the mapping,
 * map it twice or leave the old one in place, MADV_DONTDUMP and, on the newest kernels,
 * MADV_DONTFORK cannot be undone, and the mapping does not merge with others.
 */
#ifdef PMA_HAVE_VMF_INSERT_PAGE_MKWRITE
#define PMA_VM_NO_GUARD VM_DONTEXPAND
#else
#define PMA_VM_NO_GUARD 0
#endif

/*
 * Since v6.15, vmf_insert_folio_pmd() and the like take a reference for each page that they
 * insert. Before, they inserted a devmap entry, from which gup could take the page.
 */
#ifndef PMA_HAVE_VMF_INSERT_PAGE_MKWRITE
#include <linux/pfn_t.h>

static inline pfn_t pma_devmap_pfn(struct page *page)
{
	return __pfn_to_pfn_t(page_to_pfn(page), PFN_DEV | PFN_MAP);
}

static inline vm_fault_t vmf_insert_page_mkwrite(struct vm_fault *vmf,
						 struct page *page, bool write)
{
	return vmf_insert_mixed(vmf->vma, vmf->address, pma_devmap_pfn(page));
}

static inline vm_fault_t vmf_insert_folio_pmd(struct vm_fault *vmf,
					      struct folio *folio, bool write)
{
	return vmf_insert_pfn_pmd(vmf, pma_devmap_pfn(&folio->page), write);
}

static inline vm_fault_t vmf_insert_folio_pud(struct vm_fault *vmf,
					      struct folio *folio, bool write)
{
	return vmf_insert_pfn_pud(vmf, pma_devmap_pfn(&folio->page), write);
}
#endif

/*
 * Is the page table entry a mark, neither empty nor of a page? userfaultfd leaves marks where
 * nothing is mapped yet. Kernels on which a fault does not know its entry have no such marks.
 */
static inline bool pma_fault_is_marked(const struct vm_fault *vmf)
{
#ifdef PMA_HAVE_FAULT_ORIG_PTE
	return vmf->flags & FAULT_FLAG_ORIG_PTE_VALID &&
	       !pte_none(vmf->orig_pte) && !pte_present(vmf->orig_pte);
#else
	return false;
#endif
}

/* The size that huge_fault gets as its argument: an order, or formerly an enum. */
#ifdef PMA_HAVE_PAGE_ENTRY_SIZE
#define pma_fault_size_t enum page_entry_size

static inline unsigned int pma_fault_order(enum page_entry_size pe_size)
{
	switch (pe_size) {
	case PE_SIZE_PUD:
		return PUD_SHIFT - PAGE_SHIFT;
	case PE_SIZE_PMD:
		return PMD_SHIFT - PAGE_SHIFT;
	default:
		return 0;
	}
}
#else
#define pma_fault_size_t unsigned int

static inline unsigned int pma_fault_order(unsigned int order)
{
	return order;
}
#endif

#endif /* PMA_COMPAT_FAULT_H */
