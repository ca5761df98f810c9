// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "core/registry.h"

static LIST_HEAD(providers);
static DEFINE_MUTEX(providers_lock);
static bool frozen;
/* A user of a provider has gone */
static DECLARE_WAIT_QUEUE_HEAD(users_gone);

static bool overlaps(const struct pmem_altmap *provider,
		     const struct pma_layout *layout)
{
	const struct pma_layout *other = &provider->map->layout;

	return layout->start < other->start + other->size &&
	       other->start < layout->start + layout->size;
}

/**
 * pma_registry_enter - take a provider into the list
 * @provider: about to be added; its device is held from here on
 * @why: filled in on refusal
 *
 * Nobody else can add the device, one of its name, or a part of the range then.
 *
 * Context: process, may sleep.
 * Return: 0, -EEXIST (device) or -EBUSY (range, or frozen, or the kernel has kept a part).
 */
int pma_registry_enter(struct pmem_altmap *provider, struct pma_refusal *why)
{
	const struct pma_layout *layout = &provider->map->layout;
	struct pmem_altmap *other;
	int rc = 0;

	mutex_lock(&providers_lock);
	if (frozen)
		rc = pma_refuse(why, -EBUSY,
				"the machine is about to hibernate: try again when it is back");
	list_for_each_entry(other, &providers, node) {
		if (rc)
			break;
		if (!strcmp(dev_name(other->dev), dev_name(provider->dev)))
			rc = pma_refuse(why, -EEXIST,
					"a device of that name has the range [mem %#llx-%#llx]: remove it first, or use a device for each range",
					other->map->layout.start,
					other->map->layout.start +
						other->map->layout.size - 1);
		else if (overlaps(other, layout))
			rc = pma_refuse(why, -EBUSY,
					"[mem %#llx-%#llx] overlaps the range of %s: remove that first",
					layout->start,
					layout->start + layout->size - 1,
					dev_name(other->dev));
	}
	/* Who is in the list no more may have left something */
	rc = rc ?: pma_kept_check(layout->start, layout->size, why);
	if (!rc) {
		get_device(provider->dev);
		list_add_tail(&provider->node, &providers);
	}
	mutex_unlock(&providers_lock);
	return rc;
}

/**
 * pma_registry_leave - take a provider out of the list, and let go of its device
 * @provider: in the list
 *
 * Context: process, may sleep.
 */
void pma_registry_leave(struct pmem_altmap *provider)
{
	mutex_lock(&providers_lock);
	list_del(&provider->node);
	mutex_unlock(&providers_lock);
	put_device(provider->dev);
}

/**
 * pma_registry_set_phase - say what happens to a provider
 * @provider: in the list
 * @phase: PMA_TELLING and PMA_LIVE let it be found, PMA_LIVE lets it be removed
 *
 * Context: process, may sleep.
 */
void pma_registry_set_phase(struct pmem_altmap *provider,
			    enum pma_provider_phase phase)
{
	mutex_lock(&providers_lock);
	provider->phase = phase;
	mutex_unlock(&providers_lock);
}

/**
 * pma_registry_begin_removing - let a provider be found no more, if it may be removed
 * @provider: a pointer that is looked for before it is followed
 * @owner: who wants to remove it
 * @why: filled in on refusal
 *
 * Context: process, may sleep.
 * Return: 0, -ENODEV (not there), -EPERM (a driver's, or not @owner's) or -EBUSY (not live).
 */
int pma_registry_begin_removing(struct pmem_altmap *provider,
				const struct module *owner,
				struct pma_refusal *why)
{
	struct pmem_altmap *other;
	int rc = pma_refuse(why, -ENODEV, "it is not there any more");

	mutex_lock(&providers_lock);
	list_for_each_entry(other, &providers, node) {
		if (other != provider)
			continue;
		if (provider->driver_owned)
			rc = pma_refuse(why, -EPERM,
					"it belongs to the driver of %s: unbind that",
					dev_name(provider->dev));
		else if (!owner || provider->owner != owner)
			rc = pma_refuse(why, -EPERM,
					"the range of %s was added by another module: only that one may remove it",
					dev_name(provider->dev));
		else if (provider->phase != PMA_LIVE)
			rc = pma_refuse(why, -EBUSY,
					"%s is being added or removed: try again later",
					dev_name(provider->dev));
		else
			rc = 0;
		break;
	}
	if (!rc)
		provider->phase = PMA_REMOVING;
	mutex_unlock(&providers_lock);
	return rc;
}

/**
 * pma_registry_disown - part a provider from the device of a module that goes
 * @mod: which; its device, or what releases that, may be a part of it
 *
 * Context: process, may sleep.
 * Return: the device of one that @mod has added and not removed, to be put; or NULL.
 */
struct device *pma_registry_disown(const struct module *mod)
{
	struct pmem_altmap *provider;
	struct device *dev = NULL;

	mutex_lock(&providers_lock);
	list_for_each_entry(provider, &providers, node) {
		if (provider->phase != PMA_LIVE || provider->owner != mod)
			continue;
		provider->owner = NULL;
		dev = provider->dev;
		provider->dev = get_device(provider->stand_in);
		break;
	}
	mutex_unlock(&providers_lock);
	return dev;
}

/**
 * pma_registry_device - hold on to the device of a provider
 * @provider: in the list
 *
 * Context: process, may sleep. For who does not keep the module from going that has added it.
 * Return: the device, to be put.
 */
struct device *pma_registry_device(const struct pmem_altmap *provider)
{
	struct device *dev;

	mutex_lock(&providers_lock);
	dev = get_device(provider->dev);
	mutex_unlock(&providers_lock);
	return dev;
}

static bool may_be_used(const struct pmem_altmap *provider)
{
	return (provider->phase == PMA_LIVE || provider->phase == PMA_TELLING) &&
	       READ_ONCE(provider->state) != PMA_QUIESCED;
}

/**
 * pma_registry_quiesce - let a provider be found no more, unless it is used
 * @provider: live; its driver lets it be found again
 *
 * Context: process, may sleep.
 * Return: references that other modules hold; 0 if it is quiesced now.
 */
unsigned int pma_registry_quiesce(struct pmem_altmap *provider)
{
	unsigned int users;

	mutex_lock(&providers_lock);
	users = provider->users;
	if (!users)
		WRITE_ONCE(provider->state, PMA_QUIESCED);
	mutex_unlock(&providers_lock);
	return users;
}

/**
 * pma_registry_use - find the provider of a device, and keep it from being removed
 * @dev: whose it is
 *
 * Context: process, may sleep.
 * Return: the provider, or NULL where it has none, or one that is being removed or quiesced.
 */
struct pmem_altmap *pma_registry_use(struct device *dev)
{
	struct pmem_altmap *provider, *found = NULL;

	mutex_lock(&providers_lock);
	list_for_each_entry(provider, &providers, node) {
		if (provider->dev == dev && may_be_used(provider)) {
			found = provider;
			WRITE_ONCE(found->users, found->users + 1);
		}
	}
	mutex_unlock(&providers_lock);
	return found;
}

/**
 * pma_registry_unuse - undo pma_registry_use()
 * @provider: from there; looked for before it is followed
 *
 * Context: process, may sleep.
 */
void pma_registry_unuse(struct pmem_altmap *provider)
{
	struct pmem_altmap *other;
	bool put = false;

	mutex_lock(&providers_lock);
	list_for_each_entry(other, &providers, node) {
		if (other != provider || !provider->users)
			continue;
		WRITE_ONCE(provider->users, provider->users - 1);
		put = true;
		if (!provider->users)
			wake_up_all(&users_gone);
	}
	mutex_unlock(&providers_lock);
	if (!put)
		pr_err("a range was put more often than it was got: ignored\n");
}

/**
 * pma_registry_at - whose range is this?
 * @start: a physical address
 * @name: filled in with the device's name
 * @size: of @name
 * @driver: filled in with its driver's name; empty if there is none or it changes
 * @driver_size: of @driver
 *
 * Context: process, may sleep.
 * Return: whether a provider has it.
 */
bool pma_registry_at(u64 start, char *name, size_t size, char *driver,
		     size_t driver_size)
{
	struct pmem_altmap *provider;
	struct device *dev = NULL;

	mutex_lock(&providers_lock);
	list_for_each_entry(provider, &providers, node) {
		const struct pma_layout *layout = &provider->map->layout;

		if (start >= layout->start &&
		    start - layout->start < layout->size)
			dev = get_device(provider->dev);
	}
	mutex_unlock(&providers_lock);
	if (!dev)
		return false;
	strscpy(name, dev_name(dev), size);
	driver[0] = '\0';
	if (device_trylock(dev)) {
		if (dev->driver)
			strscpy(driver, dev->driver->name, driver_size);
		device_unlock(dev);
	}
	put_device(dev);
	return true;
}

/**
 * pma_registry_wait_unused - wait until a provider has no users, or for some time
 * @provider: in the list, and not to be found any more
 * @timeout: jiffies
 *
 * Context: process, may sleep.
 * Return: the users that are left.
 */
unsigned int pma_registry_wait_unused(struct pmem_altmap *provider,
				      unsigned long timeout)
{
	wait_event_idle_timeout(users_gone, !READ_ONCE(provider->users), timeout);
	return READ_ONCE(provider->users);
}

/**
 * pma_registry_first - the oldest provider
 *
 * Context: process; nobody adds or removes at that time.
 * Return: a provider, or NULL.
 */
struct pmem_altmap *pma_registry_first(void)
{
	return list_first_entry_or_null(&providers, struct pmem_altmap, node);
}

/**
 * pma_registry_freeze - let nothing be added, if no memmap is on a device
 * @why: filled in on refusal
 *
 * Context: process, may sleep.
 * Return: 0, then it stays so until pma_registry_thaw(), or -EBUSY.
 */
int pma_registry_freeze(struct pma_refusal *why)
{
	struct pmem_altmap *provider;
	int rc = 0;

	mutex_lock(&providers_lock);
	provider = pma_registry_first();
	if (provider)
		rc = pma_refuse(why, -EBUSY,
				"%s is attached, and an image would not have its memmap: detach it and try again",
				dev_name(provider->dev));
	/* What was kept was taken down before its provider has left the list */
	else if (pma_kept_any())
		rc = pma_refuse(why, -EBUSY,
				"the kernel has kept memmap on a device that is not attached any more, and an image would not have it: reboot first");
	else
		frozen = true;
	mutex_unlock(&providers_lock);
	return rc;
}

/**
 * pma_registry_thaw - let memory be added again
 *
 * Context: process, may sleep.
 */
void pma_registry_thaw(void)
{
	mutex_lock(&providers_lock);
	frozen = false;
	mutex_unlock(&providers_lock);
}
