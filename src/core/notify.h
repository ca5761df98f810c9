/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who wants to be told of ranges that come and go.
 */
#ifndef PMA_NOTIFY_H
#define PMA_NOTIFY_H

#include <linux/pmem_altmap.h>
#include <linux/types.h>

struct module;

int pma_notify_register(struct notifier_block *nb);
int pma_notify_unregister(struct notifier_block *nb);
void pma_notify_forget(const struct module *mod);
bool pma_notify_inside(void);
int pma_notify(enum pmem_altmap_event event, struct pmem_altmap_notice *notice);

#endif /* PMA_NOTIFY_H */
