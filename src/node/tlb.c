// SPDX-License-Identifier: GPL-2.0-only
#include <linux/smp.h>
#include <asm/cpufeature.h>
#include <asm/invpcid.h>
#include <asm/processor-flags.h>
#include <asm/special_insns.h>

#include "node/tlb.h"

static void write_cr4(unsigned long cr4)
{
	asm volatile("mov %0, %%cr4" : : "r" (cr4) : "memory");
}

/* As __flush_tlb_all(), which newer kernels export to KVM alone */
static void flush_this_cpu(void *unused)
{
	unsigned long cr4;

	if (boot_cpu_has(X86_FEATURE_INVPCID)) {
		invpcid_flush_all_nonglobals();
		return;
	}
	cr4 = native_read_cr4();
	if (cr4 & X86_CR4_PGE) {
		write_cr4(cr4 & ~X86_CR4_PGE);
		write_cr4(cr4);
	} else {
		/* No PCIDs either then, see setup_pcid() */
		native_write_cr3(__native_read_cr3());
	}
}

/**
 * pma_tlb_flush_all - have every CPU forget what user space has mapped
 *
 * The kernel takes a live huge page of device memory for a broken entry here and there,
 * clears it, says "bad pmd" or "bad pud", and flushes no TLB: mremap() of 1 GiB pages
 * (get_old_pud() in mm/mremap.c), mprotect() of them before v6.12, madvise(MADV_COLD) and
 * MADV_PAGEOUT of 2 MiB pages before v6.5. unmap_mapping_range() finds nothing to flush then.
 *
 * Context: process, may sleep; interrupts every CPU and waits for it.
 */
void pma_tlb_flush_all(void)
{
	on_each_cpu(flush_this_cpu, NULL, 1);
}
