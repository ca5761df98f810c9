/* SPDX-License-Identifier: GPL-2.0-only */
/* From the stock driver to ours and back. */
#ifndef ALTMAPCTL_ATTACH_H
#define ALTMAPCTL_ATTACH_H

#include <stdbool.h>

struct json_object;
struct nd_space;

/**
 * struct meant - what a namespace has to be, so that it is attached
 * @is: tells whether @space is that
 * @data: handed to @is
 */
struct meant {
	bool (*is)(const struct nd_space *space, const void *data);
	const void *data;
};

int attach_namespace(const char *name, const struct meant *meant,
		     struct json_object *attached, bool human);
int attach_configured(const char *folder, const char *name,
		      struct json_object *attached, bool human);
int return_to_stock(const char *name, struct json_object *returned);
int not_a_namespace(const char *name);

#endif /* ALTMAPCTL_ATTACH_H */
