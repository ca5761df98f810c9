/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What other modules leave behind.
 */
#ifndef PMA_FORGOTTEN_H
#define PMA_FORGOTTEN_H

int pma_forgotten_init(void);
void pma_forgotten_exit(void);
void pma_forgotten_remove(void);

#endif /* PMA_FORGOTTEN_H */
