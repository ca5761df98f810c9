/* SPDX-License-Identifier: GPL-2.0-only */
/* Namespaces, as libndctl sees them. */
#ifndef ALTMAPCTL_ND_H
#define ALTMAPCTL_ND_H

#include <ndctl/libndctl.h>
#include <daxctl/libdaxctl.h>

#include "module/counters.h"
#include "system/namespace.h"

#define UUID_TEXT 40

/**
 * struct nd_filter - which namespaces are meant; a field that is NULL lets all through
 * @bus: provider or device, such as ACPI.NFIT, ndbus0 or 0
 * @region: such as region0 or 0
 * @namespace: such as namespace0.0 or 0.0
 */
struct nd_filter {
	const char *bus;
	const char *region;
	const char *namespace;
};

/**
 * struct nd_space - a namespace as it was when it was looked at
 * @ndns: valid until the context is closed
 * @dax: the devdax personality that claims it, or NULL
 * @pfn: the same for fsdax
 * @btt: the same for sector mode
 * @start: physical address
 * @size: bytes
 * @driver: of the namespace itself, or ""; a namespace that is claimed has none
 * @uuid: of its label, "" without labels
 */
struct nd_space {
	struct ndctl_namespace *ndns;
	struct ndctl_dax *dax;
	struct ndctl_pfn *pfn;
	struct ndctl_btt *btt;
	char name[NAME_LENGTH];
	u64 start, size;
	char driver[NAME_LENGTH];
	char uuid[UUID_TEXT];
};

struct ndctl_ctx *nd_open(void);
void nd_settle(struct ndctl_ctx *ctx);
bool nd_find(struct ndctl_ctx *ctx, const char *name, struct nd_space *space);
int nd_find_settled(const char *name, struct nd_space *space,
		    struct ndctl_ctx **ctx);
int nd_each(struct ndctl_ctx *ctx, const struct nd_filter *filter,
	    int (*each)(const struct nd_space *space, void *data), void *data);
bool nd_matches(const struct place *place, const struct nd_filter *filter);
bool nd_filters(const struct nd_filter *filter);
bool nd_in_use(const struct nd_space *space);
bool nd_ours(const struct nd_space *space);
const char *nd_mode(const struct nd_space *space);
struct daxctl_dev *nd_daxdev(const struct nd_space *space);
bool nd_bad_block(const struct nd_space *space, u64 bytes, u64 *at);
int nd_give_back(const char *name, struct nd_space *space,
		 struct ndctl_ctx **ctx);

#endif /* ALTMAPCTL_ND_H */
