// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/spinlock.h>

#include "compat/compat.h"
#include "core/notify.h"
#include "core/provider.h"
#include "core/registry.h"
#include "core/remove.h"
#include "map/pins.h"
#include "trace/trace.h"

/* References to this module that wait_for_users() has */
static int own_holds;
static DEFINE_SPINLOCK(own_holds_lock);

static bool hold(void)
{
	bool held;

	spin_lock(&own_holds_lock);
	held = try_module_get(THIS_MODULE);
	own_holds += held;
	spin_unlock(&own_holds_lock);
	return held;
}

static void let_go(void)
{
	spin_lock(&own_holds_lock);
	own_holds--;
	spin_unlock(&own_holds_lock);
	module_put(THIS_MODULE);
}

/* Each module that uses this one has a reference to it, as has each open node */
static bool clients_are_gone(void)
{
	bool gone;

	spin_lock(&own_holds_lock);
	gone = module_refcount(THIS_MODULE) <= own_holds;
	spin_unlock(&own_holds_lock);
	return gone;
}

/*
 * One more reason to wait: the references that other modules hold. Who tries to unload this
 * one takes a reference away for a moment, so that they are gone is to be seen twice.
 */
static void wait_for_users(struct pmem_altmap *provider)
{
	const unsigned long start = jiffies;
	unsigned long wait = 0;
	bool held = false;
	unsigned int users, gone = 0;

	while ((users = pma_registry_wait_unused(provider, wait))) {
		/* Unloading now would hang until the end of the wait */
		held = held || hold();
		gone = clients_are_gone() ? gone + 1 : 0;
		if (!held || gone == 2) {
			dev_err(provider->dev,
				"detaching, but other modules held %u references to it, and have gone and forgot to put it: not waited for\n",
				users);
			break;
		}
		wait = gone ? HZ : 10 * HZ;
		if (!gone)
			dev_warn(provider->dev,
				 "detaching, but other modules hold %u references to it (for %u s): unload them, or end what they do\n",
				 users, jiffies_to_msecs(jiffies - start) / 1000);
	}
	if (held)
		let_go();
}

static void remove_live(struct pmem_altmap *provider)
{
	struct pmem_altmap_notice notice;
	u64 start_ns;

	pma_provider_notice(provider, &notice);
	trace_pmem_altmap_remove_begin(provider->dev, &provider->map->layout);
	start_ns = ktime_get_ns();
	notice.leaked = pma_map_remove(provider->map);
	trace_pmem_altmap_remove_end(provider->dev, &provider->map->layout,
				     ktime_get_ns() - start_ns, notice.leaked);
	if (provider->map->kept)
		dev_err(provider->dev,
			"detached, but the kernel kept %lu altmap pages: do not use the namespace before a reboot, until which its region stays requested, and report it\n",
			notice.leaked);
	else
		dev_info(provider->dev,
			 "detached %llu bytes, alloc is back at 0\n", notice.size);
	pma_provider_release_region(provider, true);
	pma_notify(PMEM_ALTMAP_REMOVED, &notice);
	pma_registry_leave(provider);
	pma_map_free(provider->map);
	provider->map = NULL;
	pma_provider_put(provider);
}

/**
 * pma_remove_owned - remove a range whose driver goes, which cannot be refused
 * @provider: live
 *
 * Waits for what holds it, and says what for.
 *
 * Context: process, may sleep.
 */
void pma_remove_owned(struct pmem_altmap *provider)
{
	struct pmem_altmap_notice notice;

	pma_registry_set_phase(provider, PMA_REMOVING);
	pma_provider_notice(provider, &notice);
	pma_notify(PMEM_ALTMAP_REMOVING, &notice);
	wait_for_users(provider);
	pma_map_drain(provider->map, provider->dev);
	remove_live(provider);
}

static int check_unused(struct pmem_altmap *provider, struct pma_refusal *why)
{
	unsigned int users = READ_ONCE(provider->users);
	u64 pinned;

	if (users)
		return pma_refuse(why, -EBUSY,
				  "other modules hold %u references to it: unload them, or end what they do",
				  users);
	/* Not killable: a module that goes has no second try */
	pma_map_held(provider->map, false, &pinned);
	if (pinned)
		return pma_refuse(why, -EBUSY,
				  "%llu data pages are still pinned: end what holds them, such as io_uring or RDMA buffers, and try again",
				  pinned);
	return 0;
}

/**
 * pma_remove - remove a range, unless somebody needs it
 * @provider: from pma_provider_add(), or a pointer that once was. Why it is refused is said
 * @owner: the module that wants it
 *
 * Context: process, may sleep, not from a notifier.
 * Return: 0 or a negative errno; see pmem_altmap_remove().
 */
int pma_remove(struct pmem_altmap *provider, const struct module *owner)
{
	struct pmem_altmap_notice notice;
	struct pma_refusal why;
	int rc;

	if (pma_notify_inside())
		rc = pma_refuse(&why, -EDEADLK,
				"a notifier must not remove a range: do it from a work item");
	else
		rc = pma_registry_begin_removing(provider, owner, &why);
	if (rc) {
		/* Whose it is may not be asked of a pointer that once was */
		pr_err("not removed (error %d): %s\n", rc, why.text);
		trace_pmem_altmap_refuse("-", rc, why.text);
		return rc;
	}

	pma_provider_notice(provider, &notice);
	notice.can_refuse = true;
	rc = pma_notify(PMEM_ALTMAP_REMOVING, &notice);
	if (rc)
		pma_refuse(&why, rc,
			   "another module's notifier refuses it: see its own lines, or unload it");
	else
		rc = check_unused(provider, &why);
	if (!rc) {
		remove_live(provider);
		return 0;
	}

	pma_provider_refused(provider->dev, "removed", &why);
	notice.error = rc;
	notice.can_refuse = false;
	pma_registry_set_phase(provider, PMA_TELLING);
	pma_notify(PMEM_ALTMAP_REMOVE_FAILED, &notice);
	pma_registry_set_phase(provider, PMA_LIVE);
	return rc;
}
