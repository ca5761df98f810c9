/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The head of a namespace: its info block, read and turned into a layout.
 */
#ifndef PMA_HEAD_H
#define PMA_HEAD_H

#include <linux/ioport.h>

#include "plan/layout.h"
#include "plan/refusal.h"

int pma_head_layout(const struct resource *res, const u8 *parent_uuid,
		    struct pma_layout *layout, struct pma_refusal *why);

#endif /* PMA_HEAD_H */
