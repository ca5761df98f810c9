/* SPDX-License-Identifier: GPL-2.0-only */
/* Where known media errors lie in a namespace. Pure code. */
#ifndef ALTMAPCTL_BADBLOCK_H
#define ALTMAPCTL_BADBLOCK_H

#include "plan/pure.h"

bool badblock_hits(u64 sector, u64 sectors, u64 first, u64 bytes, u64 *at);

#endif /* ALTMAPCTL_BADBLOCK_H */
