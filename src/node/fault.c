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
#include "node/gate.h"
#include "node/internal.h"
#include "trace/trace.h"

#define PMD_FAULT_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define PUD_FAULT_ORDER	(PUD_SHIFT - PAGE_SHIFT)

/* By mapping and index memory_failure() finds who maps a page; it looks at heads only. */
static void set_mapping(struct pma_node *node, struct vm_fault *vmf,
			pgoff_t pgoff, u64 nr_pages)
{
	const u64 step = 1ULL << node->provider->map->order;
	u64 i;

	for (i = 0; i < nr_pages; i += step) {
		struct page *page = pfn_to_page(node->data_pfn + pgoff + i);
		struct folio *folio = page_folio(page);

		if (READ_ONCE(folio->mapping))
			continue;
		WRITE_ONCE(folio->index, pgoff + i);
		/*
		 * The index must be there before the mapping: futexes and memory_failure()
		 * on other CPUs use the index as soon as they see the mapping.
		 */
		smp_store_release(&folio->mapping,
				  vmf->vma->vm_file->f_mapping);
	}
}

/* Does the kernel want to see the first store to each page? See vma_wants_writenotify(). */
static bool stores_are_tracked(const struct vm_area_struct *vma)
{
	return !pte_write(pfn_pte(0, vma->vm_page_prot));
}

/* Is a huge page mapped that lets user space read, and not write? */
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
 * A new entry is writable if the mapping's protection is. Where the kernel tracks stores, the
 * protection is not: the kernel makes a base page writable in the fault that follows, but a
 * huge page becomes writable only if the fault asks for it (*ask). Asking makes the kernel
 * WARN where another thread has put a mark of userfaultfd or of a guard region there in the
 * meantime. So an entry that stayed read-only when tracking had ended is not asked for, but
 * unmapped (*unmap), and the fault that follows maps it anew.
 *
 * Returns 0 to go on, or what the fault returns.
 */
static vm_fault_t prepare_store(struct pma_node *node,
				struct vm_fault *vmf, unsigned int order,
				bool *ask, bool *unmap)
{
	*ask = false;
	if (!order || !(vmf->flags & FAULT_FLAG_WRITE))
		return 0;
	if (userfaultfd_wp(vmf->vma)) {
		dev_info_ratelimited(&node->dev,
				     "%s: a store at %#lx is refused: userfaultfd protects writes there, which units of %llu bytes cannot have\n",
				     current->comm, vmf->address, node->align);
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

static vm_fault_t insert(struct pma_node *node, struct vm_fault *vmf,
			 unsigned int order, bool *unmap)
{
	const unsigned long size = PAGE_SIZE << order;
	const unsigned long addr = ALIGN_DOWN(vmf->address, size);
	const u64 nr_pages = 1ULL << order;
	struct page *page;
	vm_fault_t rc;
	pgoff_t pgoff;
	bool write;

	if (size > node->align)
		return VM_FAULT_FALLBACK;
	if (size < node->align || addr < vmf->vma->vm_start ||
	    size > vmf->vma->vm_end - addr)
		return VM_FAULT_SIGBUS;
	/* To insert a page here would make the kernel WARN, or a reader fault for ever. */
	if (!order && pma_fault_is_marked(vmf))
		return VM_FAULT_SIGBUS;

	pgoff = linear_page_index(vmf->vma, addr);
	if (pgoff & (nr_pages - 1) || pgoff >= node->nr_pages ||
	    nr_pages > node->nr_pages - pgoff)
		return VM_FAULT_SIGBUS;

	rc = prepare_store(node, vmf, order, &write, unmap);
	if (rc)
		return rc;

	set_mapping(node, vmf, pgoff, nr_pages);
	page = pfn_to_page(node->data_pfn + pgoff);
	pma_map_touch(node->provider->map, node->data_pfn + pgoff,
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

static void unmap_unit(struct pma_node *node, struct vm_fault *vmf,
		       unsigned long size)
{
	const unsigned long addr = ALIGN_DOWN(vmf->address, size);

	unmap_mapping_range(node->provider->inode->i_mapping,
			    (loff_t)linear_page_index(vmf->vma, addr) << PAGE_SHIFT,
			    size, 1);
}

static vm_fault_t fault_order(struct vm_fault *vmf, unsigned int order)
{
	struct pma_node *node = vmf->vma->vm_file->private_data;
	vm_fault_t rc = VM_FAULT_SIGBUS;
	bool unmap = false;
	int index;

	index = pma_gate_enter();
	if (pma_gate_is_open(&node->gate))
		rc = insert(node, vmf, order, &unmap);
	pma_gate_leave(index);
	/* MMU notifiers of other drivers may take long, and a detach must not wait for them. */
	if (unmap)
		unmap_unit(node, vmf, PAGE_SIZE << order);
	trace_pmem_altmap_fault(&node->dev, vmf, order, rc);
	return rc;
}

static vm_fault_t node_huge_fault(struct vm_fault *vmf, pma_fault_size_t size)
{
	return fault_order(vmf, pma_fault_order(size));
}

static vm_fault_t node_fault(struct vm_fault *vmf)
{
	return fault_order(vmf, 0);
}

static int node_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	struct pma_node *node = vma->vm_file->private_data;

	return IS_ALIGNED(addr, node->align) ? 0 : -EINVAL;
}

static unsigned long node_pagesize(struct vm_area_struct *vma)
{
	struct pma_node *node = vma->vm_file->private_data;

	return node->align;
}

static const struct vm_operations_struct node_vm_ops = {
	.may_split = node_may_split,
	.fault = node_fault,
	.huge_fault = node_huge_fault,
	.pagesize = node_pagesize,
};

static int check_vma(struct pma_node *node, struct vm_area_struct *vma)
{
	const u64 mask = node->align - 1;

	if (!(vma->vm_flags & VM_MAYSHARE)) {
		dev_info_ratelimited(&node->dev,
				     "%s: a private mapping is refused: map it MAP_SHARED\n",
				     current->comm);
		return -EINVAL;
	}
	/* The kernel would take huge pages of any other VMA for its own. */
	if (!vma_is_dax(vma))
		return -EINVAL;
	if ((vma->vm_start | vma->vm_end) & mask ||
	    vma->vm_pgoff & (mask >> PAGE_SHIFT)) {
		dev_info_ratelimited(&node->dev,
				     "%s: mapping %#lx-%#lx at page offset %#lx is refused: not in units of align, %llu bytes\n",
				     current->comm, vma->vm_start, vma->vm_end,
				     vma->vm_pgoff, node->align);
		return -EINVAL;
	}
	/* This is the rule of daxdev_mapping_supported(). */
	if (vma->vm_flags & VM_SYNC && !node->synchronous) {
		dev_info_ratelimited(&node->dev,
				     "%s: MAP_SYNC is refused: its host caches it, map it without and use fsync() or msync()\n",
				     current->comm);
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * pma_node_mmap - map data, by the rules of device-dax
 * @file: an open node
 * @vma: what to map; a part beyond the data gets SIGBUS when it is touched
 *
 * Context: process, mmap lock held for writing.
 * Return: 0, -ENXIO (the provider is quiesced or detached), -EINVAL (the mapping is private
 * or misaligned) or -EOPNOTSUPP (MAP_SYNC, where a store that has left the CPU is not safe).
 */
int pma_node_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct pma_node *node = file->private_data;
	int rc;

	/* This is a hint; faults look again, inside the gate. */
	if (!pma_gate_is_open(&node->gate))
		return -ENXIO;
	rc = check_vma(node, vma);
	if (rc)
		return rc;

	vma->vm_ops = &node_vm_ops;
	vm_flags_set(vma, VM_HUGEPAGE);
	if (node->align == PUD_SIZE)
		vm_flags_set(vma, PMA_VM_NO_GUARD);
	return 0;
}

/**
 * pma_node_get_unmapped_area - find an address that lies in its unit as the offset does
 * @file: an open node
 * @addr: where the caller wants the mapping, or 0
 * @len: bytes
 * @pgoff: pages
 * @flags: of mmap()
 *
 * Context: process, mmap lock held for writing.
 * Return: an address or a negative errno.
 */
unsigned long pma_node_get_unmapped_area(struct file *file, unsigned long addr,
					 unsigned long len, unsigned long pgoff,
					 unsigned long flags)
{
	struct pma_node *node = file->private_data;
	const unsigned long align = node->align;
	unsigned long found;

	if (!addr && align > PAGE_SIZE && len >= align && len + align > len) {
		found = mm_get_unmapped_area(file, 0, len + align, pgoff, flags);
		if (!IS_ERR_VALUE(found))
			return found +
			       (((pgoff << PAGE_SHIFT) - found) & (align - 1));
	}
	return mm_get_unmapped_area(file, addr, len, pgoff, flags);
}
