/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The list of all providers: who is there, who uses it, and who may be removed.
 */
#ifndef PMA_REGISTRY_H
#define PMA_REGISTRY_H

#include <linux/types.h>

#include "core/provider.h"
#include "plan/refusal.h"

int pma_registry_enter(struct pmem_altmap *provider, struct pma_refusal *why);
void pma_registry_leave(struct pmem_altmap *provider);
void pma_registry_set_phase(struct pmem_altmap *provider,
			    enum pma_provider_phase phase);
int pma_registry_begin_removing(struct pmem_altmap *provider,
				const struct module *owner,
				struct pma_refusal *why);
struct device *pma_registry_device(const struct pmem_altmap *provider);
struct device *pma_registry_disown(const struct module *mod);
unsigned int pma_registry_quiesce(struct pmem_altmap *provider);
struct pmem_altmap *pma_registry_use(struct device *dev);
void pma_registry_unuse(struct pmem_altmap *provider);
unsigned int pma_registry_wait_unused(struct pmem_altmap *provider,
				      unsigned long timeout);
struct pmem_altmap *pma_registry_first(void);
int pma_registry_freeze(struct pma_refusal *why);
void pma_registry_thaw(void);
bool pma_registry_at(u64 start, char *name, size_t size, char *driver,
		     size_t driver_size);

#endif /* PMA_REGISTRY_H */
