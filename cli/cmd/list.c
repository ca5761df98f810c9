// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/options.h"
#include "libnvdimm/nd.h"
#include "module/as_json.h"
#include "module/kept.h"
#include "module/pagemaps.h"
#include "output/json.h"
#include "output/say.h"
#include "system/namespace.h"

static struct nd_filter filter;
static bool altmaps, providers, all_maps, human, verbose;

static const struct verb_option options[] = {
	{ OPTION_TEXT, 'b', "bus", &filter.bus, "BUS",
	  "only what is on this bus" },
	{ OPTION_TEXT, 'r', "region", &filter.region, "REGION",
	  "only what is in this region" },
	{ OPTION_TEXT, 'n', "namespace", &filter.namespace, "NAMESPACE",
	  "only this namespace" },
	{ OPTION_FLAG, 'P', "providers", &providers, NULL,
	  "what is attached (default)" },
	{ OPTION_FLAG, 'A', "altmaps", &altmaps, NULL,
	  "every altmap of the system, of other drivers, too" },
	{ OPTION_FLAG, 'M', "memmaps", &all_maps, NULL,
	  "with -A: also device memory with its memmap in DRAM" },
	{ OPTION_FLAG, 'v', "verbose", &verbose, NULL,
	  "count pinned pages, which takes time" },
	{ OPTION_FLAG, 'u', "human", &human, NULL, "sizes with units" },
	{ 0 },
};

static int add_provider(const struct counters *c, void *data)
{
	struct counters with_pinned = *c;
	struct place place;
	bool known = place_find(c->name, &place);
	int rc;

	if (nd_filters(&filter) && (!known || !nd_matches(&place, &filter)))
		return STATUS_OK;
	rc = verbose ? counters_pinned(&with_pinned) : 0;
	if (rc)
		return counters_unread(c->name, rc);
	json_object_array_add(data,
			      provider_json(&with_pinned, known ? &place : NULL,
					    verbose, human));
	return STATUS_OK;
}

/* Whatever driver has a namespace, its pagemap is within the namespace's range */
static int holds(const struct nd_space *space, void *data)
{
	const struct pagemap *e = data;

	return e->start >= space->start &&
	       e->start < space->start + space->size;
}

/* Sums of the whole system, whatever the filter, and what the kernel's own counter says */
static struct json_object *totals(const struct pagemaps *pagemaps)
{
	struct json_object *object = json_object_new_object();
	u64 device = 0, dram = 0, vmstat;
	size_t i;

	for (i = 0; i < pagemaps->n; i++) {
		device += pagemaps->entries[i].memmap_device;
		dram += pagemaps->entries[i].memmap_dram;
	}
	json_add_bytes(object, "memmap_device", device, human);
	json_add_bytes(object, "memmap_dram", dram, human);
	if (!pagemaps_vmstat(&vmstat))
		json_add_bytes(object, "vmstat_memmap", vmstat, human);
	return object;
}

static int add_altmaps(struct json_object *report)
{
	struct ndctl_ctx *ctx = NULL;
	struct json_object *array;
	struct pagemaps pagemaps;
	int status;
	size_t i;

	status = pagemaps_read(&pagemaps);
	if (status)
		return status;
	/* Only with a filter: libndctl waits while another process detaches */
	if (nd_filters(&filter)) {
		ctx = nd_open();
		if (!ctx) {
			pagemaps_free(&pagemaps);
			return STATUS_FAILED;
		}
	}
	array = json_object_new_array();
	for (i = 0; i < pagemaps.n; i++) {
		struct pagemap *e = &pagemaps.entries[i];

		if (!e->altmap && !all_maps)
			continue;
		if (ctx && !nd_each(ctx, &filter, holds, e))
			continue;
		json_object_array_add(array, pagemap_json(e, human));
	}
	json_object_object_add(report, "altmaps", array);
	json_object_object_add(report, "totals", totals(&pagemaps));
	pagemaps_free(&pagemaps);
	ndctl_unref(ctx);
	return STATUS_OK;
}

static int add_kept(const struct kept *kept, void *data)
{
	struct json_object **array = data;

	if (!*array)
		*array = json_object_new_array();
	json_object_array_add(*array, kept_json(kept, human));
	return STATUS_OK;
}

static int add_providers(struct json_object *report)
{
	struct json_object *array = json_object_new_array();
	struct json_object *kept = NULL;
	int status;

	json_object_object_add(report, "providers", array);
	status = counters_available();
	if (!status)
		status = counters_each(add_provider, array);
	if (!status)
		status = kept_each(add_kept, &kept);
	/* The key is there only where something is wrong. */
	if (kept)
		json_object_object_add(report, "kept", kept);
	return status;
}

int cmd_list(int argc, char **argv)
{
	int first = options_parse(options, "[OPTIONS]", argc, argv);
	struct json_object *report;
	int status = STATUS_OK;

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (first != argc) {
		say("list: '%s' is one word too many: filter with -n %s",
		    argv[first], argv[first]);
		return STATUS_USAGE;
	}
	altmaps |= all_maps;
	report = json_report();
	if (providers || !altmaps)
		status = add_providers(report);
	if (!status && altmaps)
		status = add_altmaps(report);
	if (status) {
		json_object_put(report);
		return status;
	}
	return json_print(report);
}
