// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "libnvdimm/badblock.h"
#include "libnvdimm/nd.h"
#include "output/say.h"
#include "system/child.h"
#include "system/paths.h"

/**
 * nd_open - see what libnvdimm has now
 *
 * Return: a context for ndctl_unref(), or NULL after a message.
 */
struct ndctl_ctx *nd_open(void)
{
	struct ndctl_ctx *ctx;
	int rc = ndctl_new(&ctx);

	if (!rc)
		return ctx;
	say("libndctl cannot be used: %s", strerror(-rc));
	return NULL;
}

/**
 * nd_settle - wait until no namespace is being probed by a driver
 * @ctx: from nd_open()
 *
 * At boot the stock driver may be about to take one.
 */
void nd_settle(struct ndctl_ctx *ctx)
{
	struct ndctl_bus *bus;

	ndctl_bus_foreach(ctx, bus) ndctl_bus_wait_probe(bus);
}

static void driver_of(const char *name, char driver[NAME_LENGTH])
{
	char path[PATH_MAX], link[PATH_MAX];
	ssize_t n;

	driver[0] = '\0';
	snprintf(path, sizeof(path), "/sys/bus/nd/devices/%s/driver", name);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return;
	link[n] = '\0';
	snprintf(driver, NAME_LENGTH, "%s", basename(link));
}

static void look_at(struct ndctl_namespace *ndns, struct nd_space *space)
{
	unsigned long long start = ndctl_namespace_get_resource(ndns);
	uuid_t uuid;

	memset(space, 0, sizeof(*space));
	space->ndns = ndns;
	space->dax = ndctl_namespace_get_dax(ndns);
	space->pfn = ndctl_namespace_get_pfn(ndns);
	space->btt = ndctl_namespace_get_btt(ndns);
	snprintf(space->name, sizeof(space->name), "%s",
		 ndctl_namespace_get_devname(ndns));
	/* All ones where there is no range, or for a user who is not root */
	space->start = start == ~0ULL ? 0 : start;
	space->size = ndctl_namespace_get_size(ndns);
	driver_of(space->name, space->driver);
	ndctl_namespace_get_uuid(ndns, uuid);
	if (!uuid_is_null(uuid))
		uuid_unparse_lower(uuid, space->uuid);
}

/* With @wanted "region0" or "0" */
static bool is_called(const char *name, const char *prefix, const char *wanted)
{
	size_t n = strlen(prefix);

	return !wanted || !strcmp(name, wanted) ||
	       (!strncmp(name, prefix, n) && !strcmp(name + n, wanted));
}

bool nd_matches(const struct place *place, const struct nd_filter *filter)
{
	if (filter->bus && strcmp(place->provider, filter->bus) &&
	    !is_called(place->bus, "ndbus", filter->bus))
		return false;
	return is_called(place->region, "region", filter->region) &&
	       is_called(place->name, "namespace", filter->namespace);
}

static bool ndns_matches(struct ndctl_namespace *ndns,
			 const struct nd_filter *filter)
{
	struct ndctl_region *region = ndctl_namespace_get_region(ndns);
	struct ndctl_bus *bus = ndctl_region_get_bus(region);
	struct place place;

	snprintf(place.name, NAME_LENGTH, "%s",
		 ndctl_namespace_get_devname(ndns));
	snprintf(place.region, NAME_LENGTH, "%s",
		 ndctl_region_get_devname(region));
	snprintf(place.bus, NAME_LENGTH, "%s", ndctl_bus_get_devname(bus));
	snprintf(place.provider, NAME_LENGTH, "%s",
		 ndctl_bus_get_provider(bus));
	return nd_matches(&place, filter);
}

bool nd_filters(const struct nd_filter *filter)
{
	return filter->bus || filter->region || filter->namespace;
}

/**
 * nd_each - call @each for every namespace of persistent memory that a filter lets through
 * @ctx: from nd_open()
 * @filter: the filter
 * @each: ends the walk by returning anything but 0
 * @data: handed to @each
 *
 * Return: what @each returned last.
 */
int nd_each(struct ndctl_ctx *ctx, const struct nd_filter *filter,
	    int (*each)(const struct nd_space *space, void *data), void *data)
{
	struct ndctl_namespace *ndns;
	struct ndctl_region *region;
	struct ndctl_bus *bus;
	struct nd_space space;
	int status = 0;

	ndctl_bus_foreach(ctx, bus)
	{
		ndctl_region_foreach(bus, region)
		{
			ndctl_namespace_foreach(region, ndns)
			{
				if (status || !ndns_matches(ndns, filter))
					continue;
				look_at(ndns, &space);
				status = each(&space, data);
			}
		}
	}
	return status;
}

static int take_first(const struct nd_space *space, void *data)
{
	*(struct nd_space *)data = *space;
	return 1;
}

/**
 * nd_find - find a namespace
 * @ctx: from nd_open()
 * @name: such as namespace0.0
 * @space: filled in
 *
 * Return: was it found?
 */
bool nd_find(struct ndctl_ctx *ctx, const char *name, struct nd_space *space)
{
	struct nd_filter filter = { .namespace = name };

	return nd_each(ctx, &filter, take_first, space) == 1;
}

/*
 * At boot udev may not have loaded the driver of the dax device yet that nd_pmem has made of
 * the namespace. Until then, it looks as if its driver had been unbound on purpose.
 */
static bool load_dax_driver(const struct nd_space *space)
{
	char path[PATH_MAX], alias[64];

	if (!space->dax || ndctl_dax_is_enabled(space->dax))
		return false;
	snprintf(path, sizeof(path), "/sys/bus/nd/devices/%s/modalias",
		 ndctl_dax_get_devname(space->dax));
	return !path_read(path, alias, sizeof(alias)) &&
	       !child_modprobe_alias(alias);
}

/**
 * nd_find_settled - find a namespace, once its stock drivers are loaded and have probed it
 * @name: such as namespace0.0
 * @space: filled in
 * @ctx: filled in, for ndctl_unref(), unless -ENOMEM is returned after a message
 *
 * Return: 0, -ENOMEM or -ENODEV.
 */
int nd_find_settled(const char *name, struct nd_space *space,
		    struct ndctl_ctx **ctx)
{
	bool looked_again = false;

	while ((*ctx = nd_open())) {
		nd_settle(*ctx);
		if (!nd_find(*ctx, name, space))
			return -ENODEV;
		if (looked_again || !load_dax_driver(space))
			return 0;
		looked_again = true;
		ndctl_unref(*ctx);
	}
	return -ENOMEM;
}

bool nd_ours(const struct nd_space *space)
{
	return !strcmp(space->driver, "pmem_altmap");
}

/* Does a stock driver have the namespace, or the device that claims it? */
bool nd_in_use(const struct nd_space *space)
{
	return (*space->driver && !nd_ours(space)) ||
	       (space->dax && ndctl_dax_is_enabled(space->dax)) ||
	       (space->pfn && ndctl_pfn_is_enabled(space->pfn)) ||
	       (space->btt && ndctl_btt_is_enabled(space->btt));
}

/* The mode, in the words of "ndctl list" */
const char *nd_mode(const struct nd_space *space)
{
	if (nd_ours(space))
		return "altmap";
	if (!nd_in_use(space))
		return "disabled";
	return space->dax ? "devdax" :
	       space->pfn ? "fsdax" :
	       space->btt ? "sector" :
			    "raw";
}

/* The stock driver's device-dax instance, or NULL */
struct daxctl_dev *nd_daxdev(const struct nd_space *space)
{
	struct daxctl_region *region =
		space->dax ? ndctl_dax_get_daxctl_region(space->dax) : NULL;

	return region ? daxctl_dev_get_first(region) : NULL;
}

/**
 * nd_bad_block - is a media error known in the head?
 * @space: of a namespace with a driver or without
 * @bytes: length of the head
 * @at: filled in with the first one's offset in bytes
 *
 * Return: is there one?
 */
bool nd_bad_block(const struct nd_space *space, u64 bytes, u64 *at)
{
	struct ndctl_region *region = ndctl_namespace_get_region(space->ndns);
	u64 first = space->start - ndctl_region_get_resource(region);
	struct badblock *bad;
	bool found = false;

	*at = ~0ULL;
	/* The region has its list whatever driver has the namespace */
	ndctl_region_badblock_foreach(region, bad)
	{
		found |= badblock_hits(bad->offset, bad->len, first, bytes, at);
	}
	return found;
}

/*
 * A device that claims the namespace is bound in its place: as libpmem2 wants it, only that
 * device's driver was unbound.
 */
static int enable(const struct nd_space *space)
{
	if (space->dax)
		return ndctl_dax_enable(space->dax);
	if (space->pfn)
		return ndctl_pfn_enable(space->pfn);
	if (space->btt)
		return ndctl_btt_enable(space->btt);
	return ndctl_namespace_enable(space->ndns);
}

/**
 * nd_give_back - let the stock drivers have a namespace
 * @name: of a namespace without a driver
 * @space: filled in with the namespace as it is then
 * @ctx: filled in, for ndctl_unref(), if 0 is returned
 *
 * A namespace that is ours is left alone.
 *
 * Return: 0, -EALREADY if it is ours, or another negative errno if it has no driver
 * afterwards.
 */
int nd_give_back(const char *name, struct nd_space *space,
		 struct ndctl_ctx **ctx)
{
	int rc;

	*ctx = nd_open();
	if (!*ctx)
		return -ENOMEM;
	if (!nd_find(*ctx, name, space)) {
		ndctl_unref(*ctx);
		return -ENODEV;
	}
	rc = nd_ours(space) ? -EALREADY : enable(space);
	ndctl_unref(*ctx);
	if (rc == -EALREADY)
		return rc;

	/* A context shows what there was when it was opened, so another one is needed */
	*ctx = nd_open();
	if (!*ctx)
		return -ENOMEM;
	if (nd_find(*ctx, name, space)) {
		if (nd_in_use(space))
			return 0;
		rc = nd_ours(space) ? -EALREADY : rc;
	}
	ndctl_unref(*ctx);
	return rc < 0 ? rc : -ENXIO;
}
