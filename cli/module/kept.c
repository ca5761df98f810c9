// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <json-c/json.h>

#include "module/kept.h"
#include "output/say.h"
#include "output/status.h"
#include "system/paths.h"

#define FILE_KEPT PATH_MODULE "/kept"

static bool take_number(struct json_object *object, const char *key, u64 *to)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_int) ||
	    json_object_get_int64(value) < 0)
		return false;
	*to = json_object_get_int64(value);
	return true;
}

static bool take_text(struct json_object *object, const char *key, char *to,
		      size_t size)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return false;
	snprintf(to, size, "%s", json_object_get_string(value));
	return true;
}

/**
 * kept_parse_line - read one line of the file
 * @line: not trusted, not terminated
 * @length: its bytes
 * @kept: filled in
 *
 * Fields that are not known here are for newer programs, and are skipped.
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int kept_parse_line(const char *line, size_t length, struct kept *kept)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;
	int rc = 0;

	memset(kept, 0, sizeof(*kept));
	if (!tokener)
		return -ENOMEM;
	/* The parser takes the length as an int. */
	object = length < 1 << 20 ?
			 json_tokener_parse_ex(tokener, line, length) :
			 NULL;
	if (!object || !json_object_is_type(object, json_type_object) ||
	    json_tokener_get_error(tokener) != json_tokener_success ||
	    !take_number(object, "start", &kept->start) ||
	    !take_number(object, "size", &kept->size) ||
	    !take_number(object, "alloc", &kept->alloc) ||
	    !take_text(object, "device", kept->device, sizeof(kept->device)) ||
	    !take_text(object, "failed", kept->failed, sizeof(kept->failed)))
		rc = -EBADMSG;
	json_object_put(object);
	json_tokener_free(tokener);
	return rc;
}

/**
 * kept_each - look at each range of which the kernel has kept a part
 * @each: called for each; a nonzero result ends the walk
 * @data: for @each
 *
 * A module without that file is older, and knows of none.
 *
 * Return: 0, what @each returned, or STATUS_FAILED, which is said.
 */
int kept_each(int (*each)(const struct kept *kept, void *data), void *data)
{
	char path[PATH_MAX], *text, *line, *end;
	struct kept kept;
	size_t length;
	int rc = 0;

	text = path_read_all(path_of(path, FILE_KEPT), &length);
	if (!text) {
		if (errno == ENOENT)
			return 0;
		say("cannot read %s: %s", path, strerror(errno));
		return STATUS_FAILED;
	}
	for (line = text; !rc && line < text + length; line = end + 1) {
		end = memchr(line, '\n', text + length - line);
		end = end ? end : text + length;
		if (kept_parse_line(line, end - line, &kept)) {
			say("%s has a line that altmapctl cannot read: install altmapctl and the module from one version",
			    path);
			rc = STATUS_FAILED;
		} else {
			rc = each(&kept, data);
		}
	}
	free(text);
	return rc;
}
