/* SPDX-License-Identifier: GPL-2.0-only */
/* An attached namespace, or what another module added, as it is printed. */
#ifndef ALTMAPCTL_PROVIDER_H
#define ALTMAPCTL_PROVIDER_H

#include "counters.h"

struct json_object;
struct place;

struct json_object *provider_json(const struct counters *c,
				  const struct place *place, bool pinned,
				  bool human);

#endif /* ALTMAPCTL_PROVIDER_H */
