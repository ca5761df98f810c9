/* SPDX-License-Identifier: GPL-2.0-only */
/* Heads of namespaces, good and bad. */
#ifndef BLOCKGEN_H
#define BLOCKGEN_H

#include "blockrules.h"
#include "fuzzrand.h"

void block_make(struct rng *r, const struct space *space, u8 *head);

#endif /* BLOCKGEN_H */
