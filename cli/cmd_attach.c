// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "attach.h"
#include "command.h"
#include "config.h"
#include "head.h"
#include "json.h"
#include "options.h"
#include "paths.h"
#include "say.h"

static bool all, check_config, human;
static const char *folder = PATH_CONFIG;

static const struct verb_option options[] = {
	{ OPTION_FLAG, 'A', "all", &all, NULL,
	  "every namespace that the configuration names" },
	{ OPTION_FLAG, 'C', "check-config", &check_config, NULL,
	  "only if the configuration names it" },
	{ OPTION_TEXT, 'c', "config", &folder, "FOLDER",
	  "the configuration (default: " PATH_CONFIG ")" },
	{ OPTION_FLAG, 'u', "human", &human, NULL, "sizes with units" },
	{ 0 },
};

/* By the namespace's own uuid, or, as "ndctl list" shows it, by its info block's */
static bool has_uuid(const struct nd_space *space, const char *wanted)
{
	u8 head[PMA_HEAD_SIZE];
	struct pma_refusal why;
	const char *source;
	char text[UUID_TEXT];
	uuid_t uuid;

	if (!strcmp(space->uuid, wanted))
		return true;
	if (space->dax) {
		ndctl_dax_get_uuid(space->dax, uuid);
	} else {
		struct pma_infoblock ib;

		/* Made anew where it is ours, and that has none */
		if (nd_ours(space) || head_read(space, head, &source, &why) ||
		    pma_infoblock_parse(head, &ib, &why))
			return false;
		memcpy(uuid, ib.uuid, sizeof(uuid));
	}
	uuid_unparse_lower(uuid, text);
	return !strcmp(text, wanted);
}

struct search {
	const struct config_entry *entry;
	char name[NAME_LENGTH];
};

static int fits(const struct nd_space *space, void *data)
{
	struct search *search = data;
	const struct config_entry *e = search->entry;

	if (*e->namespace ? strcmp(e->namespace, space->name) :
			    !has_uuid(space, e->uuid))
		return 0;
	memcpy(search->name, space->name, sizeof(search->name));
	return 1;
}

static bool find(struct ndctl_ctx *ctx, struct search *search)
{
	const struct nd_filter every = { 0 };

	return nd_each(ctx, &every, fits, search);
}

/* The first thing that goes wrong is the exit status, and the rest is done anyhow */
static int attach_all(const struct config *config, struct json_object *attached)
{
	int status = STATUS_OK;
	size_t i;

	for (i = 0; i < config->n; i++) {
		struct search search = { .entry = &config->entries[i] };
		struct ndctl_ctx *ctx = nd_open();
		bool found = ctx && find(ctx, &search);
		int one;

		if (ctx)
			ndctl_unref(ctx);
		if (found) {
			one = attach_namespace(search.name, attached, human);
		} else {
			say("[attach %s]: no namespace here is %s%s: see 'ndctl list -Niv'",
			    config->entries[i].name,
			    config->entries[i].namespace,
			    config->entries[i].uuid);
			one = STATUS_NOT_FOUND;
		}
		if (!status)
			status = one;
	}
	return status;
}

static bool is_named(const struct config *config, const char *name)
{
	struct ndctl_ctx *ctx = nd_open();
	bool named = false;
	size_t i;

	for (i = 0; ctx && i < config->n && !named; i++) {
		struct search search = { .entry = &config->entries[i] };

		named = find(ctx, &search) && !strcmp(search.name, name);
	}
	if (ctx)
		ndctl_unref(ctx);
	return named;
}

static int run(const char *name, struct json_object *attached)
{
	struct config config = { 0 };
	int status = STATUS_OK;

	if (all || check_config)
		status = config_read(folder, &config);
	if (status)
		;
	else if (all)
		status = attach_all(&config, attached);
	else if (!check_config || is_named(&config, name))
		status = attach_namespace(name, attached, human);
	config_free(&config);
	return status;
}

int cmd_attach(int argc, char **argv)
{
	int first =
		options_parse(options, "NAMESPACE|--all [OPTIONS]", argc, argv);
	struct json_object *report, *attached;
	int status, printed = STATUS_OK;
	size_t n;

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (argc - first != !all || (all && check_config)) {
		say("attach: name one namespace, or say --all: see 'altmapctl attach --help'");
		return STATUS_USAGE;
	}
	if (geteuid()) {
		say("attach: only root can: run this as root");
		return STATUS_FAILED;
	}

	report = json_report();
	attached = json_object_new_array();
	json_object_object_add(report, "attached", attached);
	status = run(argv[first], attached);
	n = json_object_array_length(attached);
	if (n) {
		printed = json_print(report);
		say("attached %zu namespace%s", n, n == 1 ? "" : "s");
	} else {
		json_object_put(report);
	}
	return status ? status : printed;
}
