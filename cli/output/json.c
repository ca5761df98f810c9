// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "output/json.h"
#include "output/standard.h"
#include "output/text.h"
#include "output/units.h"

/**
 * json_report - begin a report
 *
 * Return: the outermost object, with the schema's version in it.
 */
struct json_object *json_report(void)
{
	struct json_object *report = json_object_new_object();

	json_add_count(report, "schema_version", SCHEMA_VERSION);
	return report;
}

void json_add_bytes(struct json_object *object, const char *name, u64 bytes,
		    bool human)
{
	char text[UNITS_SIZE];

	if (human)
		json_add_text(object, name, units_print(bytes, text));
	else
		json_add_count(object, name, bytes);
}

void json_add_address(struct json_object *object, const char *name, u64 address,
		      bool human)
{
	char text[32];

	if (!human) {
		json_add_count(object, name, address);
		return;
	}
	snprintf(text, sizeof(text), "%#llx", address);
	json_add_text(object, name, text);
}

void json_add_count(struct json_object *object, const char *name, u64 count)
{
	json_object_object_add(object, name, json_object_new_int64(count));
}

void json_add_text(struct json_object *object, const char *name,
		   const char *text)
{
	const size_t size = TEXT_ESCAPED(strlen(text)) + 1;
	char *valid = malloc(size);

	/* JSON has to be UTF-8, which names of files and devices need not be */
	if (valid)
		text_escape(valid, size, text, TEXT_JSON);
	json_object_object_add(object, name,
			       json_object_new_string(valid ? valid : ""));
	free(valid);
}

static int print(struct json_object *report, int flags)
{
	printf("%s\n", json_object_to_json_string_ext(report, flags));
	json_object_put(report);
	return output_flush();
}

/**
 * json_print - print a report on standard output
 * @report: freed
 *
 * Return: STATUS_OK or STATUS_FAILED.
 */
int json_print(struct json_object *report)
{
	return print(report,
		     JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
}

/**
 * json_print_line - print a report on one line of standard output
 * @report: freed
 *
 * Return: STATUS_OK or STATUS_FAILED.
 */
int json_print_line(struct json_object *report)
{
	return print(report,
		     JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}
