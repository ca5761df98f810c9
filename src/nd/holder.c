// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/nd.h>
#include <linux/string.h>

#include "nd/holder.h"

struct search {
	struct device *claim;
	struct device *found;
};

static int match_claim(struct device *child, void *data)
{
	struct search *search = data;

	if (child != search->claim)
		return 0;
	search->found = get_device(child);
	return 1;
}

static bool is_idle_dax(struct device *dev)
{
	return dev && !READ_ONCE(dev->driver) && dev->type &&
	       !strcmp(dev->type->name, "nd_dax");
}

/**
 * pma_holder_get - find out who claims a namespace
 * @dev: the namespace
 * @holder: NULL when nobody does, or a dax device without a driver, to be put
 * @why: filled in on refusal
 *
 * Context: process, may sleep, device lock of @dev held.
 * Return: 0, or -EBUSY when anybody else claims it.
 */
int pma_holder_get(struct device *dev, struct device **holder,
		   struct pma_refusal *why)
{
	struct search search = { .claim = READ_ONCE(to_ndns(dev)->claim) };

	/* The claim may go away meanwhile: only a child found is safe */
	if (search.claim)
		device_for_each_child(dev->parent, &search, match_claim);
	*holder = search.found;
	if (!search.claim || is_idle_dax(search.found))
		return 0;

	pma_refuse(why, -EBUSY,
		   "claimed by %s: run 'ndctl disable-namespace %s' first",
		   search.found ? dev_name(search.found) : "another device",
		   dev_name(dev));
	put_device(search.found);
	return -EBUSY;
}

/**
 * pma_holder_lock - keep a holder from going away
 * @dev: the namespace
 * @holder: from pma_holder_get()
 *
 * A claim ends under the holder's device lock, and all children of a region go
 * under the region's. Neither is waited for without a limit, since who binds the
 * holder waits for the namespace with its lock held.
 *
 * Context: process, may sleep, device lock of @dev held.
 * Return: 0, or -EBUSY; also when it has a driver or no claim any more.
 */
int pma_holder_lock(struct device *dev, struct device *holder)
{
	int i;

	for (i = 0; i < 50; i++) {
		if (device_trylock(holder->parent)) {
			if (device_trylock(holder))
				break;
			device_unlock(holder->parent);
		}
		msleep(20);
	}
	if (i == 50)
		return -EBUSY;
	if (is_idle_dax(holder) && to_ndns(dev)->claim == holder)
		return 0;
	pma_holder_unlock(holder);
	return -EBUSY;
}

/**
 * pma_holder_unlock - undo pma_holder_lock()
 * @holder: what it locked
 *
 * Context: process.
 */
void pma_holder_unlock(struct device *holder)
{
	device_unlock(holder);
	device_unlock(holder->parent);
}
