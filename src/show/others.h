/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traces and times the adds and removes of device memory by other drivers. Off by default.
 */
#ifndef PMA_OTHERS_H
#define PMA_OTHERS_H

void pma_others_init(void);
void pma_others_exit(void);

#endif /* PMA_OTHERS_H */
