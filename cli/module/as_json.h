/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module has, as it is printed. */
#ifndef ALTMAPCTL_AS_JSON_H
#define ALTMAPCTL_AS_JSON_H

#include "module/counters.h"
#include "module/kept.h"
#include "module/pagemaps.h"

struct json_object;
struct place;

struct json_object *provider_json(const struct counters *c,
				  const struct place *place, bool pinned,
				  bool human);
struct json_object *kept_json(const struct kept *kept, bool human);
struct json_object *pagemap_json(const struct pagemap *e, bool human);

#endif /* ALTMAPCTL_AS_JSON_H */
