/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The data pages of a map that were ever to be had, and who holds them.
 */
#ifndef PMA_PINS_H
#define PMA_PINS_H

#include <linux/device.h>

#include "map/map.h"

void pma_map_touch(struct pma_map *map, u64 pfn, u64 nr_pages);
void pma_map_take(struct pma_map *map, u64 pfn);
void pma_map_take_all(struct pma_map *map);
u64 pma_map_next_touched(const struct pma_map *map, u64 pfn);
int pma_map_pinned(const struct pma_map *map, u64 *pinned);
int pma_map_held(const struct pma_map *map, bool killable, u64 *held);
void pma_map_drain(const struct pma_map *map, struct device *dev);

#endif /* PMA_PINS_H */
