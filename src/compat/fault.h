/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For node/: mapping and faulting as the newest kernel has them, given under
 * the mainline names where a kernel is older. See compat.h.
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
/* v6.10 to v6.18 */
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
 * fork() copies the page tables of a VMA that has, or had, a guard region (v6.15), and
 * copy_huge_pud() counts nothing, but unmapping what it copied does: a page that is pinned
 * would look free. Of these flags is_valid_guard_vma() wants none, and this one does least
 * besides: mremap() neither grows it, maps it twice nor leaves the old place, MADV_DONTDUMP
 * and, on the newest, MADV_DONTFORK cannot be undone, and it merges with no other.
 */
#ifdef PMA_HAVE_VMF_INSERT_PAGE_MKWRITE
#define PMA_VM_NO_GUARD VM_DONTEXPAND
#else
#define PMA_VM_NO_GUARD 0
#endif

/*
 * Pages inserted by vmf_insert_folio_pmd() and the like are counted since v6.15;
 * before, a devmap entry stood for a page that gup could take.
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
 * Is the page table entry neither empty nor of a page? Such are the marks that userfaultfd
 * leaves where nothing is mapped yet; before they could be, faults did not know the entry.
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

/* What huge_fault is told of the size: an order, or what stood for one */
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
