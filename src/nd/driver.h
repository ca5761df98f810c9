/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The libnvdimm driver: binds the namespaces that the administrator named, and
 * no other.
 */
#ifndef PMA_ND_H
#define PMA_ND_H

int pma_nd_register(void);
void pma_nd_unregister(void);

#endif /* PMA_ND_H */
