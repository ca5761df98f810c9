/* SPDX-License-Identifier: GPL-2.0-only */
/* This machine: its kernel, what it can map, its DRAM, and what else is in a range. */
#ifndef ALTMAPCTL_MACHINE_H
#define ALTMAPCTL_MACHINE_H

#include "plan/plan.h"

const char *machine_release(void);
void machine_x86(struct pma_memory_model *mm);
void machine_model(struct pma_memory_model *mm);
u64 machine_dram(void);
int machine_check_range(u64 start, u64 size, struct pma_refusal *why);
int machine_check_kdump(struct pma_refusal *why);

#endif /* ALTMAPCTL_MACHINE_H */
