// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <unistd.h>
#include <json-c/json.h>

#include "module/pagemaps.h"
#include "output/say.h"
#include "output/status.h"
#include "system/paths.h"

#define FILE_LIST PATH_MODULE "/altmaps_json"
#define FILE_SUMMARY PATH_MODULE "/summary"

enum kind {
	NUMBER,
	TEXT,
	BOOL
};

#define FIELD(kind, name, of_altmap)                                    \
	{                                                               \
#name, kind, offsetof(struct pagemap, name),            \
			sizeof(((struct pagemap *)0)->name), of_altmap, \
	}

/* The fields of a line; those of an altmap are only there if there is one */
static const struct {
	const char *name;
	enum kind kind;
	size_t offset, size;
	bool of_altmap;
} fields[] = {
	FIELD(BOOL, altmap, false),	   FIELD(NUMBER, start, false),
	FIELD(NUMBER, size, false),	   FIELD(TEXT, owner, false),
	FIELD(TEXT, driver, false),	   FIELD(TEXT, type, false),
	FIELD(NUMBER, order, false),	   FIELD(NUMBER, memmap_device, false),
	FIELD(NUMBER, memmap_dram, false), FIELD(NUMBER, data_size, false),
	FIELD(NUMBER, base_pfn, true),	   FIELD(NUMBER, reserve, true),
	FIELD(NUMBER, free, true),	   FIELD(NUMBER, align, true),
	FIELD(NUMBER, alloc, true),	   FIELD(NUMBER, offset, true),
};

static bool take(struct json_object *value, enum kind kind, char *to,
		 size_t size)
{
	switch (kind) {
	case NUMBER:
		if (!json_object_is_type(value, json_type_int) ||
		    json_object_get_int64(value) < 0)
			return false;
		*(u64 *)to = json_object_get_int64(value);
		return true;
	case TEXT:
		if (!json_object_is_type(value, json_type_string))
			return false;
		snprintf(to, size, "%s", json_object_get_string(value));
		return true;
	default:
		if (!json_object_is_type(value, json_type_boolean))
			return false;
		*(bool *)to = json_object_get_boolean(value);
		return true;
	}
}

static int take_fields(struct json_object *object, struct pagemap *e,
		       struct pma_refusal *why)
{
	struct json_object *value;
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].of_altmap && !e->altmap)
			continue;
		if (!json_object_object_get_ex(object, fields[i].name,
					       &value) ||
		    !take(value, fields[i].kind, (char *)e + fields[i].offset,
			  fields[i].size))
			return pma_refuse(why, -EBADMSG,
					  "'%s' is missing or of another type",
					  fields[i].name);
	}
	return 0;
}

/**
 * pagemaps_parse_line - read one line of altmaps_json
 * @line: not trusted, not terminated
 * @length: its bytes
 * @e: filled in
 * @why: filled in on refusal
 *
 * Fields that are not known here are for newer programs, and skipped.
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int pagemaps_parse_line(const char *line, size_t length, struct pagemap *e,
			struct pma_refusal *why)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;
	int rc;

	memset(e, 0, sizeof(*e));
	if (!tokener)
		return pma_refuse(why, -ENOMEM, "no memory");
	/* The parser takes the length as an int */
	object = length < 1 << 20 ?
			 json_tokener_parse_ex(tokener, line, length) :
			 NULL;
	if (!object || !json_object_is_type(object, json_type_object) ||
	    json_tokener_get_error(tokener) != json_tokener_success)
		rc = pma_refuse(why, -EBADMSG, "is not an object of JSON");
	else
		rc = take_fields(object, e, why);
	json_object_put(object);
	json_tokener_free(tokener);
	return rc;
}

/* Say why the file is not there, or cannot be read */
static int no_file(const char *path)
{
	if (errno != ENOENT) {
		say("cannot read %s: %s%s", path, strerror(errno),
		    errno == EACCES || errno == EPERM ? ": run this as root" :
							"");
		return STATUS_FAILED;
	}
	if (!access(path_of((char[PATH_MAX]){ 0 }, PATH_MODULE), F_OK))
		say("the loaded pmem_altmap does not know all altmaps, it has no %s: load a newer one, on a kernel since 5.17",
		    path);
	else
		say("pmem_altmap is not loaded: run 'modprobe pmem_altmap', or see 'altmapctl doctor'");
	return STATUS_NO_MODULE;
}

/**
 * pagemaps_load - read every pagemap of the system
 * @pagemaps: filled in, for pagemaps_free()
 *
 * Return: STATUS_OK; STATUS_FAILED after a message; or STATUS_NO_MODULE without one, with
 * errno set.
 */
int pagemaps_load(struct pagemaps *pagemaps)
{
	char path[PATH_MAX], *text, *line, *next;
	struct pagemap *more;
	struct pma_refusal why;

	pagemaps->entries = NULL;
	pagemaps->n = 0;
	text = path_read_all(path_of(path, FILE_LIST), NULL);
	if (!text)
		return STATUS_NO_MODULE;

	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		more = realloc(pagemaps->entries,
			       (pagemaps->n + 1) * sizeof(*more));
		if (!more) {
			pma_refuse(&why, -ENOMEM, "no memory");
			goto fail;
		}
		pagemaps->entries = more;
		if (pagemaps_parse_line(line, next - line, &more[pagemaps->n],
					&why))
			goto fail;
		pagemaps->n++;
		next += *next == '\n';
	}
	free(text);
	return STATUS_OK;

fail:
	say("%s: line %zu: %s", path, pagemaps->n + 1, why.text);
	free(text);
	pagemaps_free(pagemaps);
	return STATUS_FAILED;
}

/**
 * pagemaps_read - read every pagemap of the system, and say so if that fails
 * @pagemaps: filled in, for pagemaps_free()
 *
 * Return: STATUS_OK; or, after a message, STATUS_NO_MODULE or STATUS_FAILED.
 */
int pagemaps_read(struct pagemaps *pagemaps)
{
	int status = pagemaps_load(pagemaps);
	char path[PATH_MAX];

	if (status == STATUS_NO_MODULE)
		status = no_file(path_of(path, FILE_LIST));
	return status;
}

void pagemaps_free(struct pagemaps *pagemaps)
{
	free(pagemaps->entries);
	pagemaps->entries = NULL;
	pagemaps->n = 0;
}

/**
 * pagemap_same - are two entries about the same pagemap?
 * @a: as it was once
 * @b: as it was later
 */
bool pagemap_same(const struct pagemap *a, const struct pagemap *b)
{
	return a->start == b->start && a->size == b->size &&
	       !strcmp(a->owner, b->owner) && !strcmp(a->driver, b->driver);
}

/* The number in the line "@key NUMBER" of a file of the kernel */
static int number_in(const char *file, const char *key, u64 *value)
{
	char path[PATH_MAX], *text, *line;
	size_t n = strlen(key);
	int rc = -ENOENT;

	text = path_read_all(path_of(path, "%s", file), NULL);
	if (!text)
		return -errno;
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, n) && line[n] == ' ') {
			*value = strtoull(line + n + 1, NULL, 10);
			rc = 0;
			break;
		}
	}
	free(text);
	return rc;
}

/**
 * pagemaps_summary - one number of the file summary
 * @key: its name
 * @value: filled in
 *
 * Return: 0, -ENOENT if the file or the key is not there, or another negative errno.
 */
int pagemaps_summary(const char *key, u64 *value)
{
	return number_in(FILE_SUMMARY, key, value);
}

/**
 * pagemaps_vmstat - what the kernel itself counts as memmap in DRAM
 * @bytes: filled in
 *
 * The kernel's number includes memmap on devices.
 *
 * Return: 0, -ENOENT where the kernel does not count, or another negative errno.
 */
int pagemaps_vmstat(u64 *bytes)
{
	int rc = number_in("/proc/vmstat", "nr_memmap_pages", bytes);

	if (!rc)
		*bytes *= 4096;
	return rc;
}
