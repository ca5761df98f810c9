// SPDX-License-Identifier: GPL-2.0-only
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/userfaultfd_k.h>

#include "compat/compat.h"
#include "compat/fault.h"
#include "compat/page.h"
#include "map/pins.h"
#include "node/fault.h"
#include "node/node.h"
#include "trace/trace.h"

#define PMD_FAULT_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define PUD_FAULT_ORDER	(PUD_SHIFT - PAGE_SHIFT)

/* memory_failure() finds by these who maps a page; only a head's are looked at */
static void set_mapping(struct pma_chardev *chardev, struct vm_fault *vmf,
			pgoff_t pgoff, u64 nr_pages)
{
	const u64 step = 1ULL << chardev->provider->map->order;
	u64 i;

	for (i = 0; i < nr_pages; i += step) {
		struct page *page = pfn_to_page(chardev->data_pfn + pgoff + i);
		struct folio *folio = page_folio(page);

		if (READ_ONCE(folio->mapping))
			continue;
		WRITE_ONCE(folio->index, pgoff + i);
		/* Who sees the one takes the other for good: futexes, memory failure */
		smp_store_release(&folio->mapping,
				  vmf->vma->vm_file->f_mapping);
	}
}

/* Does the kernel want to see the first store to each page? See vma_wants_writenotify() */
static bool stores_are_tracked(const struct vm_area_struct *vma)
{
	return !pte_write(pfn_pte(0, vma->vm_page_prot));
}

/* Is there a huge page that can be read only? */
static bool is_read_only(const struct vm_fault *vmf, unsigned int order)
{
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	if (order == PMD_FAULT_ORDER) {
		const pmd_t pmd = READ_ONCE(*vmf->pmd);

		return pmd_leaf(pmd) && !pmd_write(pmd);
	}
#ifdef CONFIG_HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD
	if (order == PUD_FAULT_ORDER) {
		const pud_t pud = READ_ONCE(*vmf->pud);

		return pud_leaf(pud) && !pud_write(pud);
	}
#endif
#endif
	return false;
}

/*
 * An entry is writable by the mapping's protection. Where stores are tracked it is not: a base
 * page is made writable by the kernel in the fault that follows, a huge page has to be asked
 * for. To ask lets the kernel WARN where another thread has put a mark meanwhile, of
 * userfaultfd or a guard region. So what was tracked and is no more is mapped anew.
 *
 * Return: 0, and whether to ask; or what the fault is to return, and whether to unmap first.
 */
static vm_fault_t prepare_store(struct pma_chardev *chardev,
				struct vm_fault *vmf, unsigned int order,
				bool *ask, bool *unmap)
{
	*ask = false;
	if (!order || !(vmf->flags & FAULT_FLAG_WRITE))
		return 0;
	if (userfaultfd_wp(vmf->vma)) {
		dev_info_ratelimited(&chardev->dev,
				     "%s: a store at %#lx is refused: userfaultfd protects writes there, which units of %llu bytes cannot have\n",
				     current->comm, vmf->address, chardev->align);
		return VM_FAULT_SIGBUS;
	}
	if (stores_are_tracked(vmf->vma)) {
		*ask = true;
	} else if (is_read_only(vmf, order)) {
		*unmap = true;
		return VM_FAULT_NOPAGE;
	}
	return 0;
}

static vm_fault_t insert(struct pma_chardev *chardev, struct vm_fault *vmf,
			 unsigned int order, bool *unmap)
{
	const unsigned long size = PAGE_SIZE << order;
	const unsigned long addr = ALIGN_DOWN(vmf->address, size);
	const u64 nr_pages = 1ULL << order;
	struct page *page;
	vm_fault_t rc;
	pgoff_t pgoff;
	bool write;

	if (size > chardev->align)
		return VM_FAULT_FALLBACK;
	if (size < chardev->align || addr < vmf->vma->vm_start ||
	    size > vmf->vma->vm_end - addr)
		return VM_FAULT_SIGBUS;
	/* The kernel would WARN about it, or have the reader fault for ever */
	if (!order && pma_fault_is_marked(vmf))
		return VM_FAULT_SIGBUS;

	pgoff = linear_page_index(vmf->vma, addr);
	if (pgoff & (nr_pages - 1) || pgoff >= chardev->nr_pages ||
	    nr_pages > chardev->nr_pages - pgoff)
		return VM_FAULT_SIGBUS;

	rc = prepare_store(chardev, vmf, order, &write, unmap);
	if (rc)
		return rc;

	set_mapping(chardev, vmf, pgoff, nr_pages);
	page = pfn_to_page(chardev->data_pfn + pgoff);
	pma_map_touch(chardev->provider->map, chardev->data_pfn + pgoff,
		      nr_pages);

	switch (order) {
	case 0:
		return vmf_insert_page_mkwrite(vmf, page, false);
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	case PMD_FAULT_ORDER:
		return vmf_insert_folio_pmd(vmf, page_folio(page), write);
#endif
#if defined(CONFIG_TRANSPARENT_HUGEPAGE) && \
	defined(CONFIG_HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD)
	case PUD_FAULT_ORDER:
		return vmf_insert_folio_pud(vmf, page_folio(page), write);
#endif
	default:
		return VM_FAULT_FALLBACK;
	}
}

static void unmap_unit(struct pma_chardev *chardev, struct vm_fault *vmf,
		       unsigned long size)
{
	const unsigned long addr = ALIGN_DOWN(vmf->address, size);

	unmap_mapping_range(chardev->provider->inode->i_mapping,
			    (loff_t)linear_page_index(vmf->vma, addr) << PAGE_SHIFT,
			    size, 1);
}

static vm_fault_t fault_order(struct vm_fault *vmf, unsigned int order)
{
	struct pma_chardev *chardev = vmf->vma->vm_file->private_data;
	vm_fault_t rc = VM_FAULT_SIGBUS;
	bool unmap = false;
	int index;

	index = pma_chardev_enter();
	if (pma_chardev_alive(chardev))
		rc = insert(chardev, vmf, order, &unmap);
	pma_chardev_leave(index);
	/* Other drivers' notifiers may take their time: nobody's detaching waits for them */
	if (unmap)
		unmap_unit(chardev, vmf, PAGE_SIZE << order);
	trace_pmem_altmap_fault(&chardev->dev, vmf, order, rc);
	return rc;
}

static vm_fault_t chardev_huge_fault(struct vm_fault *vmf,
				     pma_fault_size_t size)
{
	return fault_order(vmf, pma_fault_order(size));
}

static vm_fault_t chardev_fault(struct vm_fault *vmf)
{
	return fault_order(vmf, 0);
}

static int chardev_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	struct pma_chardev *chardev = vma->vm_file->private_data;

	return IS_ALIGNED(addr, chardev->align) ? 0 : -EINVAL;
}

static unsigned long chardev_pagesize(struct vm_area_struct *vma)
{
	struct pma_chardev *chardev = vma->vm_file->private_data;

	return chardev->align;
}

static const struct vm_operations_struct chardev_vm_ops = {
	.may_split = chardev_may_split,
	.fault = chardev_fault,
	.huge_fault = chardev_huge_fault,
	.pagesize = chardev_pagesize,
};

static int check_vma(struct pma_chardev *chardev, struct vm_area_struct *vma)
{
	const u64 mask = chardev->align - 1;

	if (!(vma->vm_flags & VM_MAYSHARE)) {
		dev_info_ratelimited(&chardev->dev,
				     "%s: a private mapping is refused: map it MAP_SHARED\n",
				     current->comm);
		return -EINVAL;
	}
	/* Without it the kernel takes huge pages of it for its own */
	if (!vma_is_dax(vma))
		return -EINVAL;
	if ((vma->vm_start | vma->vm_end) & mask ||
	    vma->vm_pgoff & (mask >> PAGE_SHIFT)) {
		dev_info_ratelimited(&chardev->dev,
				     "%s: mapping %#lx-%#lx at page offset %#lx is refused: not in units of align, %llu bytes\n",
				     current->comm, vma->vm_start, vma->vm_end,
				     vma->vm_pgoff, chardev->align);
		return -EINVAL;
	}
	/* As daxdev_mapping_supported() */
	if (vma->vm_flags & VM_SYNC && !chardev->synchronous) {
		dev_info_ratelimited(&chardev->dev,
				     "%s: MAP_SYNC is refused: its host caches it, map it without and use fsync() or msync()\n",
				     current->comm);
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * pma_chardev_mmap - map data, by the rules of device-dax
 * @file: an open node
 * @vma: what to map; what lies beyond the data gets SIGBUS when it is touched
 *
 * Context: process, mmap lock held for writing.
 * Return: 0, -ENXIO (quiesced or detached), -EINVAL (private or misaligned) or -EOPNOTSUPP
 * (MAP_SYNC, where what has left the CPU is not safe).
 */
int pma_chardev_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct pma_chardev *chardev = file->private_data;
	int rc;

	/* Faults look again, and more closely */
	if (!pma_chardev_alive(chardev))
		return -ENXIO;
	rc = check_vma(chardev, vma);
	if (rc)
		return rc;

	vma->vm_ops = &chardev_vm_ops;
	vm_flags_set(vma, VM_HUGEPAGE);
	if (chardev->align == PUD_SIZE)
		vm_flags_set(vma, PMA_VM_NO_GUARD);
	return 0;
}

/**
 * pma_chardev_get_unmapped_area - addresses that lie in their units as offsets do
 * @file: an open node
 * @addr: where the caller wants it, or 0
 * @len: bytes
 * @pgoff: pages
 * @flags: of mmap()
 *
 * Context: process, mmap lock held for writing.
 * Return: an address or a negative errno.
 */
unsigned long pma_chardev_get_unmapped_area(struct file *file,
					    unsigned long addr,
					    unsigned long len,
					    unsigned long pgoff,
					    unsigned long flags)
{
	struct pma_chardev *chardev = file->private_data;
	const unsigned long align = chardev->align;
	unsigned long found;

	if (!addr && align > PAGE_SIZE && len >= align && len + align > len) {
		found = mm_get_unmapped_area(file, 0, len + align, pgoff, flags);
		if (!IS_ERR_VALUE(found))
			return found +
			       (((pgoff << PAGE_SHIFT) - found) & (align - 1));
	}
	return mm_get_unmapped_area(file, addr, len, pgoff, flags);
}
