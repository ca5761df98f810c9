/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of pma_apitest. */
#ifndef APITEST_H
#define APITEST_H

#include <linux/notifier.h>
#include <linux/pmem_altmap.h>

extern struct notifier_block apitest_stopper;

void check(bool ok, const char *name);
void check_rc(int rc, int want, const char *name);
void apitest_edges(struct pmem_altmap_spec spec);
void apitest_owner(struct pmem_altmap_spec spec);
void apitest_stress(struct pmem_altmap_spec spec);
void apitest_follow(void);
void apitest_follow_no_more(void);

#endif /* APITEST_H */
