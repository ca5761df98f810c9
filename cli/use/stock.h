/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a namespace that the stock drivers have is in use, or reserved for something. */
#ifndef ALTMAPCTL_STOCK_H
#define ALTMAPCTL_STOCK_H

#include "libnvdimm/nd.h"
#include "output/refusals.h"

void stock_check_uses(const struct nd_space *space, struct refusals *refusals);

#endif /* ALTMAPCTL_STOCK_H */
