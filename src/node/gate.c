// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/srcu.h>
#include <asm/cpufeature.h>
#include <asm/invpcid.h>
#include <asm/processor-flags.h>
#include <asm/special_insns.h>

#include "node/gate.h"
#include "trace/trace.h"

/* One domain serves all nodes: a fault is short, and device-dax does the same. */
DEFINE_STATIC_SRCU(gate_srcu);

/**
 * pma_gate_init - make a gate, which is shut at first
 * @gate: in a new node
 *
 * Context: any.
 */
void pma_gate_init(struct pma_gate *gate)
{
	gate->open = false;
	atomic_set(&gate->flushers, 0);
	init_waitqueue_head(&gate->flushed);
}

/**
 * pma_gate_enter - hold up pma_gate_shut()
 *
 * A gate that pma_gate_is_open() finds open afterwards keeps its pages until
 * pma_gate_leave().
 *
 * Context: process; the caller may sleep until pma_gate_leave(), but a detach waits
 * for it meanwhile.
 * Return: what pma_gate_leave() wants.
 */
int pma_gate_enter(void)
	__acquires(&gate_srcu)
{
	return srcu_read_lock(&gate_srcu);
}

/**
 * pma_gate_leave - end what pma_gate_enter() began
 * @index: what pma_gate_enter() returned
 *
 * Context: process.
 */
void pma_gate_leave(int index)
	__releases(&gate_srcu)
{
	srcu_read_unlock(&gate_srcu, index);
}

/**
 * pma_gate_is_open - may the data be reached?
 * @gate: of an open file's node
 *
 * Context: any. The answer is a hint only, unless the caller has called pma_gate_enter().
 * Return: whether the provider is attached and not quiesced.
 */
bool pma_gate_is_open(const struct pma_gate *gate)
{
	return READ_ONCE(gate->open);
}

/**
 * pma_gate_open - let user space reach the data
 * @gate: shut or open
 *
 * Context: process, device lock held.
 */
void pma_gate_open(struct pma_gate *gate)
{
	WRITE_ONCE(gate->open, true);
}

static void write_cr4(unsigned long cr4)
{
	asm volatile("mov %0, %%cr4" : : "r" (cr4) : "memory");
}

/* As __flush_tlb_all(), which newer kernels export to KVM alone. */
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
		/* A CPU without global pages has no PCIDs either, see setup_pcid(). */
		native_write_cr3(__native_read_cr3());
	}
}

/**
 * pma_gate_shut - revoke all mappings, and let nobody make new ones
 * @gate: of the provider's node
 * @provider: whose inode has the address space of all mappings
 *
 * Every CPU flushes its TLB at the end, since unmap_mapping_range() may have found less
 * than there was. The kernel takes a live huge page of device memory for a broken entry
 * here and there, clears the entry, says "bad pmd" or "bad pud", and flushes no TLB:
 * mremap() of 1 GiB pages (get_old_pud() in mm/mremap.c), mprotect() of them before v6.12,
 * madvise(MADV_COLD) and MADV_PAGEOUT of 2 MiB pages before v6.5. A munmap() on another
 * CPU may also have cleared its entries and not yet flushed.
 *
 * Context: process, may sleep; waits for the faults that are under way, interrupts every
 * CPU and waits for it.
 */
void pma_gate_shut(struct pma_gate *gate, const struct pmem_altmap *provider)
{
	WRITE_ONCE(gate->open, false);
	/* After this every fault has ended that found the gate open. */
	synchronize_srcu(&gate_srcu);
	if (trace_pmem_altmap_revoke_enabled())
		trace_pmem_altmap_revoke(provider->dev,
					 pma_provider_mappings(provider));
	unmap_mapping_range(provider->inode->i_mapping, 0, 0, 1);
	on_each_cpu(flush_this_cpu, NULL, 1);
}

/**
 * pma_gate_begin_flush - count a flush, so that detaching waits for its end
 * @gate: of an open file's node
 *
 * A flush may take as long as a host wants. A count lets only this node's detach wait
 * for the flush; the SRCU of faults would let all nodes wait.
 *
 * Context: process, may sleep.
 * Return: whether the gate is open; then pma_gate_end_flush() must follow.
 */
bool pma_gate_begin_flush(struct pma_gate *gate)
{
	int index = pma_gate_enter();
	bool open = pma_gate_is_open(gate);

	if (open)
		atomic_inc(&gate->flushers);
	pma_gate_leave(index);
	return open;
}

/**
 * pma_gate_end_flush - end what pma_gate_begin_flush() began
 * @gate: its gate
 *
 * Context: any.
 */
void pma_gate_end_flush(struct pma_gate *gate)
{
	if (atomic_dec_and_test(&gate->flushers))
		wake_up_all(&gate->flushed);
}

/**
 * pma_gate_flushers - how many flush the region at the moment
 * @gate: any
 *
 * Context: any.
 * Return: tasks.
 */
int pma_gate_flushers(const struct pma_gate *gate)
{
	return atomic_read(&gate->flushers);
}

/**
 * pma_gate_flushes_ended - wait for the flushes that are under way, for some time
 * @gate: shut, so that no other flush begins
 * @timeout: jiffies
 *
 * Context: process, may sleep.
 * Return: whether all have ended.
 */
bool pma_gate_flushes_ended(struct pma_gate *gate, unsigned long timeout)
{
	wait_event_idle_timeout(gate->flushed, !atomic_read(&gate->flushers),
				timeout);
	return !atomic_read(&gate->flushers);
}

/**
 * pma_gate_wait_flushes - wait for the flushes that are under way, however long they take
 * @gate: shut, so that no other flush begins
 * @dev: for the log, which has a line every 10 seconds
 *
 * Context: process, may sleep.
 */
void pma_gate_wait_flushes(struct pma_gate *gate, const struct device *dev)
{
	while (!pma_gate_flushes_ended(gate, 10 * HZ))
		dev_warn(dev,
			 "detaching, but %d flushes of its region have not ended for 10 s or more: see what its bus or host does\n",
			 atomic_read(&gate->flushers));
}
