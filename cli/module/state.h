/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What altmapctl keeps in /run: which process is working on a namespace, and the uuid of an
 * attached namespace, whose info block nobody can read.
 */
#ifndef ALTMAPCTL_STATE_H
#define ALTMAPCTL_STATE_H

#include <stddef.h>

#include "module/counters.h"

/* Longer than most namespaces take; the boot unit has 15 minutes */
#define STATE_WAIT_MS 60000

int state_lock(const char *name, unsigned int limit_ms);
void state_remember(int lock, const struct counters *c, const char *uuid);
bool state_recall(const struct counters *c, char *uuid, size_t size);

#endif /* ALTMAPCTL_STATE_H */
