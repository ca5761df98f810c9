// SPDX-License-Identifier: GPL-2.0-only
/* Which namespaces a configuration means, and attaching them. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "attach/attach.h"
#include "attach/config.h"
#include "libnvdimm/head.h"
#include "libnvdimm/nd.h"
#include "output/say.h"
#include "output/status.h"
#include "system/namespace.h"
#include "system/paths.h"

#define SHOWN 4

/**
 * struct search - what an entry means
 * @entry: of the configuration
 * @name: a namespace's name or NULL
 * @has_name: that is one of those
 * @names: the first ones
 * @n: how many there are
 */
struct search {
	const struct config_entry *entry;
	const char *name;
	bool has_name;
	char names[SHOWN][NAME_LENGTH];
	size_t n;
};

/* By the namespace's own uuid, or, as "ndctl list" shows it, by its info block's */
static bool has_uuid(const struct nd_space *space, const char *wanted)
{
	char uuid[UUID_TEXT];

	return !strcmp(space->uuid, wanted) ||
	       (head_uuid(space, uuid) && !strcmp(uuid, wanted));
}

static bool is_meant(const struct nd_space *space, const void *entry)
{
	const struct config_entry *e = entry;

	return *e->namespace ? !strcmp(e->namespace, space->name) :
			       has_uuid(space, e->uuid);
}

static int fits(const struct nd_space *space, void *data)
{
	struct search *search = data;

	if (!is_meant(space, search->entry))
		return 0;
	if (search->n < SHOWN)
		memcpy(search->names[search->n], space->name, NAME_LENGTH);
	search->n++;
	search->has_name |= search->name && !strcmp(search->name, space->name);
	return 0;
}

static int refuse_many(const struct search *search)
{
	char text[SHOWN * (NAME_LENGTH + 2)] = "";
	size_t used = 0, i;

	for (i = 0; i < search->n && i < SHOWN; i++)
		used += snprintf(text + used, sizeof(text) - used, "%s%s",
				 i ? ", " : "", search->names[i]);
	say("[attach %s]: not attached: %zu namespaces have the uuid %s (%s): name one with 'namespace =' in its place, or create the others anew",
	    search->entry->name, search->n, search->entry->uuid, text);
	return STATUS_REFUSED;
}

static int attach_one(const char *name, const struct config_entry *entry,
		      struct json_object *attached, bool human)
{
	const struct meant meant = { .is = is_meant, .data = entry };

	return attach_namespace(name, &meant, attached, human);
}

/* That there is none is no error yet */
static int find(struct search *search)
{
	const struct nd_filter every = { 0 };
	struct ndctl_ctx *ctx = nd_open();

	if (!ctx)
		return STATUS_FAILED;
	/* At boot, what the stock driver is about to take shows nothing yet */
	nd_settle(ctx);
	nd_each(ctx, &every, fits, search);
	ndctl_unref(ctx);
	return STATUS_OK;
}

struct count {
	const struct config *config;
	size_t n;
};

/* Attached, with a uuid that the kernel shows to nobody, and not found in another way */
static int count_hidden(const struct nd_space *space, void *data)
{
	struct count *count = data;
	char uuid[UUID_TEXT];
	size_t i;

	if (!nd_ours(space) || head_uuid(space, uuid))
		return 0;
	for (i = 0; i < count->config->n; i++) {
		const struct config_entry *e = &count->config->entries[i];

		if (!strcmp(e->namespace, space->name) ||
		    (*e->uuid && !strcmp(e->uuid, space->uuid)))
			return 0;
	}
	count->n++;
	return 0;
}

/*
 * A uuid that is not found may be of what is attached. That is taken for granted as long
 * as there are enough of those.
 */
static int judge_missing(const struct config *config, const bool *missing,
			 size_t n_uuids)
{
	const struct nd_filter every = { 0 };
	struct count hidden = { .config = config };
	struct ndctl_ctx *ctx = nd_open();
	int status = STATUS_OK;
	size_t i;

	if (!ctx)
		return STATUS_FAILED;
	nd_each(ctx, &every, count_hidden, &hidden);
	ndctl_unref(ctx);
	for (i = 0; i < config->n; i++) {
		const struct config_entry *e = &config->entries[i];

		if (!missing[i])
			continue;
		if (*e->uuid && n_uuids <= hidden.n) {
			say("[attach %s]: the uuid %s is not to be seen, it is taken for that of a namespace that was attached by hand: see 'altmapctl list'",
			    e->name, e->uuid);
			continue;
		}
		say("[attach %s]: no namespace here is %s%s: see 'ndctl list -Niv'",
		    e->name, e->namespace, e->uuid);
		status = STATUS_NOT_FOUND;
	}
	return status;
}

/* The first thing that goes wrong is the exit status, and the rest is done anyhow */
static int attach_all(const struct config *config, struct json_object *attached,
		      bool human)
{
	bool *missing = calloc(config->n + 1, sizeof(*missing));
	int status = STATUS_OK, one;
	size_t i, n_uuids = 0;

	if (!missing) {
		say("attach: no memory for %zu sections", config->n);
		return STATUS_FAILED;
	}
	for (i = 0; i < config->n; i++) {
		struct search search = { .entry = &config->entries[i] };

		one = find(&search);
		missing[i] = !one && !search.n;
		n_uuids += missing[i] && *config->entries[i].uuid;
		if (search.n > 1)
			one = refuse_many(&search);
		else if (search.n)
			one = attach_one(search.names[0], search.entry,
					 attached, human);
		if (!status)
			status = one;
	}
	one = judge_missing(config, missing, n_uuids);
	free(missing);
	return status ? status : one;
}

/* One that no entry means is left alone without a word */
static int attach_if_named(const struct config *config, const char *name,
			   struct json_object *attached, bool human)
{
	int status = STATUS_OK;
	size_t i;

	for (i = 0; i < config->n && !status; i++) {
		struct search search = { .entry = &config->entries[i],
					 .name = name };

		status = find(&search);
		if (status || !search.has_name)
			continue;
		return search.n > 1 ?
			       refuse_many(&search) :
			       attach_one(name, search.entry, attached, human);
	}
	return status;
}

/**
 * attach_configured - attach what a configuration names
 * @folder: of the configuration, NULL for the system's
 * @name: only this namespace, if it is named; NULL for every one
 * @attached: an array that gets what is attached
 * @human: with units
 *
 * Return: a status, of the first thing that goes wrong; whatever is wrong is said.
 */
int attach_configured(const char *folder, const char *name,
		      struct json_object *attached, bool human)
{
	const char *where = folder ? folder : PATH_CONFIG;
	struct config config = { 0 };
	char full[NAME_LENGTH];
	int status;

	/* One that has gone again is none that is named */
	if (name)
		name_find(name, full);
	status = config_read(where, folder, &config);
	if (status)
		;
	else if (name)
		status = attach_if_named(&config, full, attached, human);
	else if (config.n)
		status = attach_all(&config, attached, human);
	else
		say("attach: nothing to do: no file %s/*.conf has a section",
		    where);
	config_free(&config);
	return status;
}
