/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ranges of which the kernel has kept a part, because an add or a removal has stopped half-way.
 * The kernel uses pages of such a device as memmap until the next boot.
 */
#ifndef PMA_KEPT_H
#define PMA_KEPT_H

#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/types.h>

#include "plan/refusal.h"

/* Bytes of a device's name, with the zero at its end */
#define PMA_NAME_SIZE		32

/**
 * struct pma_kept - a range of which the kernel has kept a part
 * @node: in the list of all
 * @start: physical address
 * @size: bytes
 * @alloc: altmap pages that the kernel has kept
 * @removing: whether a removal, and not an add, has stopped half-way
 * @name: of the device whose range it was
 */
struct pma_kept {
	struct list_head node;
	u64 start;
	u64 size;
	unsigned long alloc;
	bool removing;
	char name[PMA_NAME_SIZE];
};

/**
 * struct pma_claim - a memory region that was requested
 * @region: the kernel's side
 * @name: one string with both names of @region: the ordinary one at its end, and the whole
 *	as the name after the kernel has kept a part
 */
struct pma_claim {
	struct resource *region;
	char *name;
};

struct pma_kept *pma_kept_prepare(const char *name, u64 start, u64 size);
void pma_kept_add(struct pma_kept *kept, unsigned long alloc, bool removing);
int pma_kept_check(u64 start, u64 size, struct pma_refusal *why);
bool pma_kept_any(void);
void pma_kept_each(void (*each)(const struct pma_kept *kept, void *data), void *data);
void pma_kept_exit(void);
struct pma_claim *pma_claim_request(u64 start, u64 size, const char *name);
void pma_claim_release(struct pma_claim *claim);

#endif /* PMA_KEPT_H */
