// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/numa.h>
#include <linux/page-flags.h>
#include <linux/spinlock.h>

#include "compat/compat.h"
#include "compat/page.h"
#include "core/kept.h"
#include "core/lifecycle.h"
#include "core/notify.h"
#include "core/registry.h"
#include "map/pins.h"
#include "map/scan.h"
#include "trace/trace.h"

/**
 * pma_check_range - find out what can be known of a range before it is touched
 * @start: physical address
 * @size: bytes
 * @why: filled in on refusal
 *
 * Context: process, may sleep.
 * Return: 0, an errno of pma_map_check_range(), or -EBUSY where the kernel has kept a part.
 */
int pma_check_range(u64 start, u64 size, struct pma_refusal *why)
{
	int rc = pma_map_check_range(start, size, why);

	return rc ?: pma_kept_check(start, size, why);
}

static int claim_region(struct pmem_altmap *provider,
			const struct resource *region, struct pma_refusal *why)
{
	const struct resource range =
		DEFINE_RES_MEM(provider->plan.start, provider->plan.size);

	if (region) {
		if (resource_type(region) == IORESOURCE_MEM &&
		    region->flags & IORESOURCE_BUSY &&
		    region->start <= range.start && range.end <= region->end)
			return 0;
		return pma_refuse(why, -EINVAL,
				  "%pR is not in the requested region %pR: request a region that holds it all, or none",
				  &range, region);
	}
	provider->claim = pma_claim_request(range.start, resource_size(&range),
					    dev_name(provider->dev));
	if (provider->claim)
		return 0;
	return pma_refuse(why, -EBUSY,
			  "%pR cannot be requested: see /proc/iomem, and unbind the driver that has it, or reboot if the kernel has kept it",
			  &range);
}

/* Gives the region up, unless the kernel has kept a part of the range. */
static void release_region_of(struct pmem_altmap *provider, bool removing)
{
	if (provider->map->kept) {
		pma_kept_add(provider->kept, provider->map->pgmap.altmap.alloc,
			     removing);
		provider->kept = NULL;
	}
	pma_claim_release(provider->claim);
	provider->claim = NULL;
}

/*
 * Marks memory that has failed, and tells the notifiers. The kernel's generic way finds out by
 * the mapping of a page which processes have the page, kills them, and marks the page. That is
 * right for what our device node has mapped (-EOPNOTSUPP asks for it). A page of another module
 * has no mapping, and the generic way would give up before it marks the page.
 *
 * The answer for such a page is never that the failure was dealt with: the module may have
 * mapped the page into user space, and nothing tells whether it has taken that mapping away. So
 * a task that has hit the page gets SIGBUS, instead of hitting the page again.
 *
 * memory_failure() calls this in process context, with its lock held and with a reference to
 * the pagemap, for which pma_map_remove() waits.
 */
static int memory_failed(struct pmem_altmap *provider, u64 pfn, u64 nr_pages)
{
	struct device *dev = pma_registry_device(provider);
	struct pmem_altmap_notice notice;
	u64 i;

	pma_provider_notice(provider, &notice);
	notice.dev = dev;
	notice.pfn = pfn;
	notice.nr_pages = nr_pages;
	for (i = 0; provider->client && i < nr_pages; i++)
		SetPageHWPoison(pfn_to_page(pfn + i));
	dev_err(dev, "memory at offset %#llx of its data has failed, %llu pages of it: stop using that, and restore it from elsewhere\n",
		PFN_PHYS(pfn) - provider->plan.data_start, nr_pages);
	pma_notify(PMEM_ALTMAP_MEMORY_FAILURE, &notice);
	put_device(dev);
	if (!provider->client ||
	    READ_ONCE(page_folio(pfn_to_page(pfn))->mapping))
		return -EOPNOTSUPP;
	return -EBUSY;
}

static int map_it(struct pmem_altmap *provider, int nid, struct pma_refusal *why)
{
	struct pma_map *map = provider->map;
	int rc;

	trace_pmem_altmap_add_begin(provider->dev, map->plan);
	rc = pma_map_add(map, nid, why);
	trace_pmem_altmap_add_end(provider->dev, map->plan, rc, map->attach_ns,
				  map->pgmap.altmap.alloc);
	return rc;
}

/* First come the checks that need the region, then the notifiers, which may refuse. */
static int add_claimed(struct pmem_altmap *provider, unsigned int flags, int nid,
		       struct pma_refusal *why)
{
	struct pmem_altmap_notice notice;
	int rc;

	rc = pma_map_check(provider->map, why);
	if (!rc && !(flags & PMEM_ALTMAP_NO_SCAN))
		rc = pma_scan(&provider->plan, why);
	if (rc)
		return rc;
	pma_provider_notice(provider, &notice);
	rc = pma_notify(PMEM_ALTMAP_ADDING, &notice);
	/* With this errno the driver core would probe again later, with any driver. */
	if (rc == -EPROBE_DEFER)
		rc = -EBUSY;
	if (rc)
		pma_refuse(why, rc,
			   "another module's notifier refuses it: see its own lines, or unload it");
	else
		rc = map_it(provider, nid, why);
	if (rc) {
		notice.error = rc;
		notice.leaked = provider->map->pgmap.altmap.alloc;
		notice.kept = provider->map->kept;
		pma_notify(PMEM_ALTMAP_ADD_FAILED, &notice);
		return rc;
	}
	pma_registry_set_phase(provider, PMA_TELLING);
	pma_notify(PMEM_ALTMAP_ADDED, &notice);
	pma_registry_set_phase(provider, PMA_LIVE);
	return 0;
}

static int add_listed(struct pmem_altmap *provider, const struct pma_terms *terms,
		      int nid, struct pma_refusal *why)
{
	int rc;

	rc = claim_region(provider, terms->region, why);
	if (rc)
		return rc;
	rc = add_claimed(provider, terms->flags, nid, why);
	if (rc)
		release_region_of(provider, false);
	return rc;
}

/* memremap_pages() would follow the number of a node that is not online. */
static int find_node(const struct pma_terms *terms, int *nid,
		     struct pma_refusal *why)
{
	*nid = terms->nid;
	if (*nid == NUMA_NO_NODE)
		*nid = numa_map_to_online_node(dev_to_node(terms->dev));
	else if (*nid < 0 || *nid >= MAX_NUMNODES || !node_online(*nid))
		return pma_refuse(why, -EINVAL,
				  "node %d is not online: give another one, or NUMA_NO_NODE",
				  *nid);
	return 0;
}

/* The references to this module that tasks in wait_for_users() have taken. */
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

/* Each module that uses this one, and each open node, has a reference to this module. */
static bool clients_are_gone(void)
{
	bool gone;

	spin_lock(&own_holds_lock);
	gone = module_refcount(THIS_MODULE) <= own_holds;
	spin_unlock(&own_holds_lock);
	return gone;
}

/*
 * Waits for the references that other modules hold to the range. A module that has gone will
 * never put its references, so the wait ends when no module is left. An attempt to unload this
 * module lowers its count for a moment, so that must be seen twice.
 */
static void wait_for_users(struct pmem_altmap *provider)
{
	const unsigned long start = jiffies;
	unsigned long wait = 0;
	bool held = false;
	unsigned int users, gone = 0;

	while ((users = pma_registry_wait_unused(provider, wait))) {
		/* With this reference, rmmod is refused instead of hanging until the wait ends. */
		held = held || hold();
		gone = clients_are_gone() ? gone + 1 : 0;
		if (!held || gone == 2) {
			dev_err(provider->dev,
				"detaching: modules that were unloaded have left %u references to it, which are not waited for\n",
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
	trace_pmem_altmap_remove_begin(provider->dev, &provider->plan);
	start_ns = ktime_get_ns();
	notice.leaked = pma_map_remove(provider->map);
	notice.kept = provider->map->kept;
	trace_pmem_altmap_remove_end(provider->dev, &provider->plan,
				     ktime_get_ns() - start_ns, notice.leaked);
	if (provider->map->kept)
		dev_err(provider->dev,
			"detached, but the kernel kept %lu altmap pages: do not use the namespace before a reboot, and report this; %s\n",
			notice.leaked,
			provider->claim || !provider->client ?
			"its region stays requested until then" :
			"its module has to keep its region requested until then");
	else
		dev_info(provider->dev,
			 "detached %llu bytes, alloc is back at 0\n", notice.size);
	release_region_of(provider, true);
	pma_notify(PMEM_ALTMAP_REMOVED, &notice);
	pma_registry_leave(provider);
	pma_map_free(provider->map);
	provider->map = NULL;
	pma_provider_put(provider);
}

/* Unbinding a driver cannot be refused, so this waits, and says for what. */
static void remove_owned(void *data)
{
	struct pmem_altmap *provider = data;
	struct pmem_altmap_notice notice;

	pma_registry_set_phase(provider, PMA_REMOVING);
	pma_provider_notice(provider, &notice);
	pma_notify(PMEM_ALTMAP_REMOVING, &notice);
	wait_for_users(provider);
	pma_map_drain(provider->map, provider->dev);
	remove_live(provider);
}

/**
 * pma_remove_forgotten - remove a range that its module has left behind
 * @provider: live; its module, or the driver of its device, has gone
 *
 * Context: process, may sleep; waits until no page is held.
 */
void pma_remove_forgotten(struct pmem_altmap *provider)
{
	struct device *dev = get_device(provider->dev);

	if (provider->driver_owned)
		devm_release_action(dev, remove_owned, provider);
	else
		remove_owned(provider);
	put_device(dev);
}

/**
 * pma_add - execute a plan
 * @plan: checked; copied before this returns
 * @terms: whose memory it is, and who may remove it
 * @why: filled in on refusal
 *
 * Everything is checked before the memory is touched, and nothing but the memmap is ever
 * written to the range.
 *
 * Context: process, may sleep, not from a notifier; takes the memory hotplug lock.
 * Return: the provider or an ERR_PTR; see pmem_altmap_add().
 */
struct pmem_altmap *pma_add(const struct pma_plan *plan,
			    const struct pma_terms *terms,
			    struct pma_refusal *why)
{
	struct pmem_altmap *provider;
	int nid, rc;

	if (pma_notify_inside())
		rc = pma_refuse(why, -EDEADLK,
				"a notifier must not add a range: do it from a work item");
	else
		rc = find_node(terms, &nid, why);
	rc = rc ?: pma_check_range(plan->start, plan->size, why);
	if (rc)
		return ERR_PTR(rc);

	provider = pma_provider_alloc(plan, terms->dev, terms->driver_owned, why);
	if (IS_ERR(provider))
		return provider;
	provider->client = terms->client;
	provider->owner = terms->owner;
	provider->map = pma_map_alloc(&provider->plan,
				      !(terms->flags & PMEM_ALTMAP_NO_COMPOUND),
				      why);
	if (IS_ERR(provider->map)) {
		rc = PTR_ERR(provider->map);
		goto put;
	}
	/* A client knows where the data of its own range begins, and need not ask for pages. */
	if (provider->client)
		pma_map_take_all(provider->map);
	provider->map->failed = memory_failed;
	provider->map->provider = provider;
	rc = pma_registry_enter(provider, why);
	if (rc)
		goto free_map;
	rc = add_listed(provider, terms, nid, why);
	if (rc)
		goto unlist;
	if (!terms->driver_owned)
		return provider;
	/* When this fails, it has removed the range. */
	rc = devm_add_action_or_reset(terms->dev, remove_owned, provider);
	if (!rc)
		return provider;
	pma_refuse(why, rc, "no memory for a detach action");
	return ERR_PTR(rc);

unlist:
	pma_registry_leave(provider);
free_map:
	pma_map_free(provider->map);
put:
	pma_provider_put(provider);
	return ERR_PTR(rc);
}

static int check_unused(struct pmem_altmap *provider, struct pma_refusal *why)
{
	unsigned int users = READ_ONCE(provider->users);
	u64 pinned;

	if (users)
		return pma_refuse(why, -EBUSY,
				  "other modules hold %u references to it: unload them, or end what they do",
				  users);
	/* This is not killable, since a module that goes has no second try. */
	pma_map_held(provider->map, false, &pinned);
	if (pinned)
		return pma_refuse(why, -EBUSY,
				  "%llu data pages are still pinned: end what holds them, such as io_uring or RDMA buffers, and try again",
				  pinned);
	return 0;
}

/**
 * pma_remove - remove a range, unless it is in use
 * @provider: from pma_add(), or a pointer that once was one
 * @owner: the module that wants the range removed
 *
 * The log says why a removal is refused.
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
		/* The pointer may be stale, so the line cannot name the device. */
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
