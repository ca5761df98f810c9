/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON as ndctl prints it: numbers, or with -u strings with units. */
#ifndef ALTMAPCTL_JSON_H
#define ALTMAPCTL_JSON_H

#include <stdbool.h>
#include <json-c/json.h>

#include "plan/pure.h"

/* Version of docs/altmapctl.schema.json: raised when a field goes or changes its meaning */
#define SCHEMA_VERSION 1

struct json_object *json_report(void);
void json_add_bytes(struct json_object *object, const char *name, u64 bytes,
		    bool human);
void json_add_address(struct json_object *object, const char *name, u64 address,
		      bool human);
void json_add_count(struct json_object *object, const char *name, u64 count);
void json_add_text(struct json_object *object, const char *name,
		   const char *text);
int json_print(struct json_object *report);
int json_print_line(struct json_object *report);

#endif /* ALTMAPCTL_JSON_H */
