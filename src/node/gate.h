/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The gate of a device node: whether user space may reach the data through the node,
 * who is inside at the moment, and how everybody is sent out.
 */
#ifndef PMA_GATE_H
#define PMA_GATE_H

#include <linux/atomic.h>
#include <linux/wait.h>

#include "core/provider.h"

/**
 * struct pma_gate - the gate of one device node
 * @open: false while the provider is quiesced, and after it was detached
 * @flushers: tasks that flush the region at the moment
 * @flushed: woken when the last of them has ended
 */
struct pma_gate {
	bool open;
	atomic_t flushers;
	wait_queue_head_t flushed;
};

void pma_gate_init(struct pma_gate *gate);
int pma_gate_enter(void);
void pma_gate_leave(int index);
bool pma_gate_is_open(const struct pma_gate *gate);
void pma_gate_open(struct pma_gate *gate);
void pma_gate_shut(struct pma_gate *gate, const struct pmem_altmap *provider);
bool pma_gate_begin_flush(struct pma_gate *gate);
void pma_gate_end_flush(struct pma_gate *gate);
int pma_gate_flushers(const struct pma_gate *gate);
bool pma_gate_flushes_ended(struct pma_gate *gate, unsigned long timeout);
void pma_gate_wait_flushes(struct pma_gate *gate, const struct device *dev);

#endif /* PMA_GATE_H */
