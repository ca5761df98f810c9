/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events of the kernel that concern providers: modules that are unloaded, and hibernation.
 */
#ifndef PMA_WATCH_H
#define PMA_WATCH_H

int pma_watch_init(void);
void pma_watch_exit(void);
void pma_watch_remove_forgotten(void);

#endif /* PMA_WATCH_H */
