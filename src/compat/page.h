/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages, and what counts as a reference to a page, as the newest kernel has them. See compat.h.
 */
#ifndef PMA_COMPAT_PAGE_H
#define PMA_COMPAT_PAGE_H

#include "require.h"

#include <linux/build_bug.h>
#include <linux/memremap.h>
#include <linux/mm.h>

#include "config.h"

#ifndef PMA_HAVE_PAGE_FOLIO
/* This is the folio as v5.16 had it at first: another view of a page that is no tail. */
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
 * pma_set_order - ask for compound pages
 * @pgmap: not yet mapped
 * @order: the order of the pages
 *
 * Before v5.17 all pages of device memory are single pages, and a pin of 2 MiB takes 512
 * references.
 *
 * Return: the order that the pages will have.
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

/* A pagemap's owner is told of memory that fails since v6.0. */
#ifdef PMA_HAVE_PGMAP_MEMORY_FAILURE
#define PMA_PGMAP_OPS(failed) { .memory_failure = (failed) }
#else
#define PMA_PGMAP_OPS(failed) { }
#endif

/* Do the compound pages of a pagemap without altmap share memmap? The kernel itself tells. */
static inline bool pma_has_dedup(struct dev_pagemap *pgmap)
{
#ifdef PMA_HAVE_VMEMMAP_CAN_OPTIMIZE
	return vmemmap_can_optimize(NULL, pgmap);
#else
	return false;
#endif
}

/*
 * May get_dev_pagemap() be called for any page frame? Where the pagemap has a pointer to its
 * reference, memunmap_pages() clears the pointer long before the page frames forget the pagemap,
 * and get_dev_pagemap() would follow it.
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
 * pma_mapped_refs - count the references to a page that user mappings hold
 * @page: a page of a map, the head if it is a compound page
 *
 * Since v6.15 each mapping of a page holds a reference; before, a devmap entry held none.
 *
 * Return: how many of the page's references belong to mappings.
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
