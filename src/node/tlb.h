/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PMA_TLB_H
#define PMA_TLB_H

void pma_tlb_flush_all(void);

#endif /* PMA_TLB_H */
