/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PMA_MAPPER_H
#define PMA_MAPPER_H

struct notifier_block;

int pma_mapper_notified(struct notifier_block *nb, unsigned long event, void *data);

#endif /* PMA_MAPPER_H */
