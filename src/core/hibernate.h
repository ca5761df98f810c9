/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * No hibernation while a memmap is on a device: an image does not hold it.
 */
#ifndef PMA_HIBERNATE_H
#define PMA_HIBERNATE_H

int pma_hibernate_init(void);
void pma_hibernate_exit(void);

#endif /* PMA_HIBERNATE_H */
