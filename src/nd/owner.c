// SPDX-License-Identifier: GPL-2.0-only
#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/nd.h>
#include <linux/string.h>

#include "nd/owner.h"

/* A driver of the bus; there as long as this module */
static const struct device_driver *bus_driver;

struct search {
	u64 start;
	const struct device *claim;
	struct pma_owner *owner;
};

static bool is_namespace(const struct device *dev)
{
	/* Types of regions have no name */
	const char *type = dev->type && dev->type->name ? dev->type->name : "";

	return !strcmp(type, "nd_namespace_pmem") ||
	       !strcmp(type, "nd_namespace_io");
}

/* Who is binding or unbinding it is not waited for */
static void read_driver(struct device *dev, struct pma_owner *owner)
{
	if (!device_trylock(dev))
		return;
	if (dev->driver)
		strscpy(owner->driver, dev->driver->name, PMA_OWNER_SIZE);
	device_unlock(dev);
}

static int match_range(struct device *dev, void *data)
{
	const struct nd_namespace_io *nsio;
	struct search *search = data;

	if (!is_namespace(dev))
		return 0;
	nsio = to_nd_namespace_io(dev);
	if (search->start < READ_ONCE(nsio->res.start) ||
	    search->start > READ_ONCE(nsio->res.end))
		return 0;
	strscpy(search->owner->name, dev_name(dev), PMA_OWNER_SIZE);
	search->claim = READ_ONCE(nsio->common.claim);
	read_driver(dev, search->owner);
	return 1;
}

/* The claim can go at any time: it is compared, and only what the bus has is used */
static int match_claim(struct device *dev, void *data)
{
	struct search *search = data;

	if (dev != search->claim)
		return 0;
	read_driver(dev, search->owner);
	return 1;
}

/**
 * pma_owner_init - tell which bus to look at
 * @drv: a registered driver of the nd bus
 *
 * Context: before any call of pma_owner_find().
 */
void pma_owner_init(const struct device_driver *drv)
{
	WRITE_ONCE(bus_driver, drv);
}

/**
 * pma_owner_find - whose memory is this?
 * @start: a physical address
 * @owner: filled in; empty where nothing is known, such as for memory of CXL or P2PDMA
 *
 * Context: process, may sleep.
 */
void pma_owner_find(u64 start, struct pma_owner *owner)
{
	const struct device_driver *drv = READ_ONCE(bus_driver);
	struct search search = { .start = start, .owner = owner };

	memset(owner, 0, sizeof(*owner));
	if (!drv || !bus_for_each_dev(drv->bus, NULL, &search, match_range))
		return;
	if (search.claim)
		bus_for_each_dev(drv->bus, NULL, &search, match_claim);
}
