/* SPDX-License-Identifier: GPL-2.0-only */
/* From pmem_altmap back to the stock driver, if nobody is in the way. */
#ifndef ALTMAPCTL_DETACH_H
#define ALTMAPCTL_DETACH_H

#include "plan/pure.h"

struct json_object;

/**
 * struct detach_how - what to do about a namespace that is in use
 * @timeout: seconds to wait for it to become free
 * @force: revoke mappings, and let the kernel wait for pinned pages
 */
struct detach_how {
	u64 timeout;
	bool force;
};

int detach_namespace(const char *wanted, const struct detach_how *how,
		     struct json_object *detached);

#endif /* ALTMAPCTL_DETACH_H */
