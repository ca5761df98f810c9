/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages and what counts as a reference to one, as the newest kernel has them. See
 * compat.h.
 */
#ifndef PMA_COMPAT_PAGE_H
#define PMA_COMPAT_PAGE_H

#include "require.h"

#include <linux/build_bug.h>
#include <linux/memremap.h>
#include <linux/mm.h>

#include "config.h"

#ifndef PMA_HAVE_PAGE_FOLIO
/* As v5.16 began it: another view of a page that is no tail */
struct folio {
	union {
		struct {
			unsigned long flags;
			struct list_head lru;
			struct address_space *mapping;
			pgoff_t index;
		};
		struct page page;
	};
};

static_assert(offsetof(struct folio, mapping) == offsetof(struct page, mapping));
static_assert(offsetof(struct folio, index) == offsetof(struct page, index));
static_assert(sizeof(struct folio) == sizeof(struct page));

static inline struct folio *page_folio(struct page *page)
{
	return (struct folio *)compound_head(page);
}
#endif

/**
 * pma_set_order - have the pages of a map made compound
 * @pgmap: not yet mapped
 * @order: wanted
 *
 * Before v5.17 all pages of device memory are single ones, and a pin of 2 MiB is
 * 512 references.
 *
 * Return: the order that they will have.
 */
static inline unsigned int pma_set_order(struct dev_pagemap *pgmap,
					 unsigned int order)
{
#ifdef PMA_HAVE_VMEMMAP_SHIFT
	pgmap->vmemmap_shift = order;
	return order;
#else
	return 0;
#endif
}

static inline unsigned int pma_get_order(const struct dev_pagemap *pgmap)
{
#ifdef PMA_HAVE_VMEMMAP_SHIFT
	return pgmap->vmemmap_shift;
#else
	return 0;
#endif
}

/* Who is told of memory that fails; before v6.0 nobody is */
#ifdef PMA_HAVE_PGMAP_MEMORY_FAILURE
#define PMA_PGMAP_OPS(failed) { .memory_failure = (failed) }
#else
#define PMA_PGMAP_OPS(failed) { }
#endif

/* Do its compound pages share memmap, if it has no altmap? Asked of the kernel itself */
static inline bool pma_has_dedup(struct dev_pagemap *pgmap)
{
#ifdef PMA_HAVE_VMEMMAP_CAN_OPTIMIZE
	return vmemmap_can_optimize(NULL, pgmap);
#else
	return false;
#endif
}

/*
 * Can get_dev_pagemap() be asked of any page frame? Where the reference is behind a
 * pointer, memunmap_pages() clears that long before the page frames forget the pagemap,
 * and the kernel would follow it.
 */
static inline bool pma_can_take_census(void)
{
#ifdef PMA_HAVE_PAGEMAP_REF_POINTER
	return false;
#else
	return true;
#endif
}

static inline bool pma_is_coherent(const struct dev_pagemap *pgmap)
{
#ifdef PMA_HAVE_MEMORY_DEVICE_COHERENT
	return pgmap->type == MEMORY_DEVICE_COHERENT;
#else
	return false;
#endif
}

/**
 * pma_mapped_refs - references to a page that user mappings hold
 * @page: of a map; the head of a compound one
 *
 * Since v6.15 a mapped page is counted and has an rmap; before, a devmap entry held
 * nothing.
 *
 * Return: how many of page_count() they are.
 */
static inline int pma_mapped_refs(struct page *page)
{
#ifdef PMA_HAVE_VMF_INSERT_PAGE_MKWRITE
	return folio_mapcount(page_folio(page));
#else
	return 0;
#endif
}

#endif /* PMA_COMPAT_PAGE_H */
