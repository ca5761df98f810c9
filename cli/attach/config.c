// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>

#include "attach/config.h"
#include "output/say.h"
#include "output/status.h"
#include "system/namespace.h"
#include "system/paths.h"

#define UUID_LENGTH 36
/* U+FEFF in UTF-8 */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* The text from @from to @end, without the blanks at both of its ends */
static char *trim(char *from, char *end)
{
	while (end > from && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	while (isspace((unsigned char)*from))
		from++;
	return from;
}

static bool is_uuid(const char *text)
{
	int i;

	for (i = 0; i < UUID_LENGTH; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23 ?
			    text[i] != '-' :
			    !isxdigit((unsigned char)text[i]))
			return false;
	}
	return !text[i];
}

static struct config_entry *add(struct config *config, const char *name,
				int line)
{
	struct config_entry *more =
		realloc(config->entries, (config->n + 1) * sizeof(*more));

	if (!more)
		return NULL;
	config->entries = more;
	more += config->n++;
	memset(more, 0, sizeof(*more));
	snprintf(more->name, sizeof(more->name), "%s", name);
	more->line = line;
	return more;
}

static bool names_none(const struct config_entry *e)
{
	return !*e->uuid && !*e->namespace;
}

static int refuse_empty(const struct config_entry *e, struct pma_refusal *why)
{
	return pma_refuse(why, -EINVAL,
			  "line %d: section '%s' names no namespace", e->line,
			  e->name);
}

static int begin(struct config *config, char *line, int number,
		 struct pma_refusal *why)
{
	char *end = strchr(line, ']');
	char *name;
	size_t i;

	if (!end || end[1] || strncmp(line, "[attach", 7) ||
	    !isspace((unsigned char)line[7]))
		return pma_refuse(
			why, -EINVAL,
			"line %d: a section begins with [attach NAME]", number);
	name = trim(line + 8, end);
	if (!*name || strlen(name) >= CONFIG_TEXT)
		return pma_refuse(
			why, -EINVAL,
			"line %d: a section's name has 1 to %d characters",
			number, CONFIG_TEXT - 1);
	for (i = 0; i < config->n; i++)
		if (!strcmp(config->entries[i].name, name))
			return pma_refuse(
				why, -EEXIST,
				"line %d: section '%.64s' is there twice",
				number, name);
	if (!add(config, name, number))
		return pma_refuse(why, -ENOMEM, "no memory");
	return 0;
}

static int assign(struct config_entry *e, char *line, int number,
		  struct pma_refusal *why)
{
	char *value = strchr(line, '=');
	char *key = line, *c;

	if (!value)
		return pma_refuse(why, -EINVAL,
				  "line %d: neither a section, nor KEY = VALUE",
				  number);
	key = trim(line, value);
	value = trim(value + 1, value + 1 + strlen(value + 1));
	if (!names_none(e))
		return pma_refuse(
			why, -EINVAL,
			"line %d: section '%s' names its namespace twice",
			number, e->name);
	if (!strcmp(key, "uuid") && is_uuid(value)) {
		memcpy(e->uuid, value, UUID_LENGTH + 1);
		for (c = e->uuid; *c; c++)
			*c = tolower((unsigned char)*c);
		return 0;
	}
	if (!strcmp(key, "namespace") && strlen(value) < CONFIG_TEXT &&
	    name_is_namespace(value)) {
		memcpy(e->namespace, value, strlen(value) + 1);
		return 0;
	}
	if (!strcmp(key, "uuid") || !strcmp(key, "namespace"))
		return pma_refuse(why, -EINVAL,
				  "line %d: this is no %s: '%.64s'", number,
				  key, value);
	return pma_refuse(
		why, -EINVAL,
		"line %d: unknown key '%.64s': uuid and namespace are known",
		number, key);
}

static int parse_line(struct config *config, size_t first, char *line,
		      int number, struct pma_refusal *why)
{
	struct config_entry *e;

	if (!*line || *line == '#' || *line == ';')
		return 0;
	if (*line != '[' && config->n == first)
		return pma_refuse(
			why, -EINVAL,
			"line %d: not in a section: begin with [attach NAME]",
			number);
	e = config->n > first ? &config->entries[config->n - 1] : NULL;
	if (*line != '[')
		return assign(e, line, number, why);
	if (e && names_none(e))
		return refuse_empty(e, why);
	return begin(config, line, number, why);
}

/**
 * config_parse - add the sections of a file to a configuration
 * @text: what the file holds
 * @config: to which they are added, for config_free()
 * @why: filled in on refusal
 *
 * Return: 0 or a negative errno.
 */
int config_parse(const char *text, struct config *config,
		 struct pma_refusal *why)
{
	size_t first = config->n;
	int number = 0, rc = 0;

	/* Some editors begin a file with a byte order mark, which is no part of the text */
	if (!strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)))
		text += strlen(BYTE_ORDER_MARK);
	while (*text && !rc) {
		size_t length = strcspn(text, "\n");
		char *line = strndup(text, length);

		if (!line)
			return pma_refuse(why, -ENOMEM, "no memory");
		rc = parse_line(config, first, trim(line, line + strlen(line)),
				++number, why);
		free(line);
		text += length + (text[length] == '\n');
	}
	if (!rc && config->n > first &&
	    names_none(&config->entries[config->n - 1]))
		rc = refuse_empty(&config->entries[config->n - 1], why);
	return rc;
}

static int is_conf(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && entry->d_name[0] != '.' &&
	       !strcmp(entry->d_name + n - 5, ".conf");
}

static int read_file(const char *folder, const char *name,
		     struct config *config)
{
	int status = STATUS_FAILED;
	struct pma_refusal why;
	char path[PATH_MAX], *text;
	size_t length;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	text = path_read_all(path, &length);
	if (!text)
		say("cannot read %s: %s", path, strerror(errno));
	else if (strlen(text) < length)
		say("%s: byte %zu is a NUL: this is no text", path,
		    strlen(text) + 1);
	else if (config_parse(text, config, &why))
		say("%s: %s", path, why.text);
	else
		status = STATUS_OK;
	free(text);
	return status;
}

/**
 * config_read - read all files of a folder, in order of their names
 * @folder: its path
 * @wanted: the user named it, so that it is an error if it does not exist
 * @config: filled in, for config_free()
 *
 * Return: STATUS_OK, or STATUS_FAILED after a message.
 */
int config_read(const char *folder, bool wanted, struct config *config)
{
	int n, i, status = STATUS_OK;
	struct dirent **files;

	config->entries = NULL;
	config->n = 0;
	n = scandir(folder, &files, is_conf, alphasort);
	if (n < 0) {
		if (errno == ENOENT && !wanted)
			return STATUS_OK;
		say("cannot read %s: %s", folder, strerror(errno));
		return STATUS_FAILED;
	}
	for (i = 0; i < n; i++) {
		if (read_file(folder, files[i]->d_name, config))
			status = STATUS_FAILED;
		free(files[i]);
	}
	free(files);
	return status;
}

void config_free(struct config *config)
{
	free(config->entries);
	config->entries = NULL;
	config->n = 0;
}
