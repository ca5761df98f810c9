/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A character device for each provider, which maps the data as device-dax does.
 */
#ifndef PMA_NODE_H
#define PMA_NODE_H

#include <linux/device.h>

#include "core/provider.h"
#include "plan/refusal.h"

struct pma_node;

int pma_node_init(void);
void pma_node_exit(void);
struct pma_node *pma_node_publish(struct pmem_altmap *provider,
				  struct device *holder);
void pma_node_orphan(struct device *parent);
int pma_node_quiesce(struct pma_node *node, struct pma_refusal *why);
void pma_node_resume(struct pma_node *node);

#endif /* PMA_NODE_H */
