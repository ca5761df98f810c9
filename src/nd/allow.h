/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of the namespaces that may be bound.
 */
#ifndef PMA_ALLOW_H
#define PMA_ALLOW_H

#include "core/provider.h"

#define PMA_ALLOW_MAX	64

int pma_allow_add(const char *name);
void pma_allow_clear(void);
bool pma_allow_take(const char *name);
ssize_t pma_allow_show(char *buf);

#endif /* PMA_ALLOW_H */
