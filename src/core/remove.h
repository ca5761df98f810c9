/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a provider: asked for by another module, or told by a driver's unbinding.
 */
#ifndef PMA_REMOVE_H
#define PMA_REMOVE_H

#include "core/provider.h"

int pma_remove(struct pmem_altmap *provider, const struct module *owner);
void pma_remove_owned(struct pmem_altmap *provider);

#endif /* PMA_REMOVE_H */
