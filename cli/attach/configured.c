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
 * struct search - which namespaces an entry means
 * @entry: of the configuration
 * @name: a namespace's name, or NULL
 * @has_name: the entry means the namespace @name, perhaps among others
 * @names: the first SHOWN that it means
 * @n: how many it means
 */
struct search {
	const struct config_entry *entry;
	const char *name;
	bool has_name;
	char names[SHOWN][NAME_LENGTH];
	size_t n;
};

/* A uuid may be that of the label, or that of the info block, which "ndctl list" shows */
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

/* That an entry means no namespace is no error here: see judge_missing() */
static int find(struct search *search)
{
	const struct nd_filter every = { 0 };
	struct ndctl_ctx *ctx = nd_open();

	if (!ctx)
		return STATUS_FAILED;
	/* At boot, a namespace that the stock driver is about to take shows no uuid yet */
	nd_settle(ctx);
	nd_each(ctx, &every, fits, search);
	ndctl_unref(ctx);
	return STATUS_OK;
}

struct count {
	const struct config *config;
	size_t n;
};

/*
 * Counts the attached namespaces that no entry means, and whose uuid the kernel shows to
 * nobody.
 */
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
 * A uuid that is not found may be that of a namespace which was attached by hand. It is
 * taken to be so as long as there are no more such uuids than such namespaces.
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
			say("[attach %s]: no namespace shows the uuid %s: it is taken to be that of one that was attached by hand: see 'altmapctl list'",
			    e->name, e->uuid);
			continue;
		}
		say("[attach %s]: no namespace here is %s%s: see 'ndctl list -Niv'",
		    e->name, e->namespace, e->uuid);
		status = STATUS_NOT_FOUND;
	}
	return status;
}

/* All sections are attached; the exit status is that of the first one that fails */
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

/* A namespace that no entry means is left alone, and nothing is said of that */
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
 * @name: the only namespace to attach, if the configuration names it; NULL for all that it
 *	names
 * @attached: an array to which they are added
 * @human: print sizes with units
 *
 * Return: the status of the first thing that goes wrong. A message says whatever is wrong.
 */
int attach_configured(const char *folder, const char *name,
		      struct json_object *attached, bool human)
{
	const char *where = folder ? folder : PATH_CONFIG;
	struct config config = { 0 };
	char full[NAME_LENGTH];
	int status;

	/* Where no device has that name any more, no entry means it */
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
