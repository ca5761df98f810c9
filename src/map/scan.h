/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A look for media errors where the kernel will write the memmap.
 */
#ifndef PMA_SCAN_H
#define PMA_SCAN_H

#include "plan/plan.h"
#include "plan/refusal.h"

int pma_scan(const struct pma_plan *plan, struct pma_refusal *why);

#endif /* PMA_SCAN_H */
