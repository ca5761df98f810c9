// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>

#include "core/notify.h"

/*
 * This does the work of a srcu_notifier_head, which a module cannot have statically, and whose
 * initialisation calls BUG() instead of failing. A lock would not do in place of SRCU, since a
 * callback may unbind the driver of another range, which runs the chain again.
 */
static RAW_NOTIFIER_HEAD(chain);
static DEFINE_MUTEX(chain_lock);
DEFINE_STATIC_SRCU(chain_srcu);

/* The tasks that run the chain at the moment. */
struct caller {
	struct list_head node;
	struct task_struct *task;
};

static LIST_HEAD(callers);
static DEFINE_SPINLOCK(callers_lock);

/**
 * pma_notify_inside - does the current task run a notifier?
 *
 * A notifier must not do what waits for the end of that same notifier.
 *
 * Context: process.
 * Return: whether it does.
 */
bool pma_notify_inside(void)
{
	struct caller *caller;
	bool found = false;

	spin_lock(&callers_lock);
	list_for_each_entry(caller, &callers, node)
		found |= caller->task == current;
	spin_unlock(&callers_lock);
	return found;
}

/* notifier_to_errno() would turn any value of a careless callback into an errno. */
static int to_errno(int ret)
{
	const int rc = ret & NOTIFY_STOP_MASK ? notifier_to_errno(ret) : 0;

	return IS_ERR_VALUE((long)rc) ? rc : 0;
}

/*
 * raw_notifier_call_chain() would let any callback stop the chain, but the other callbacks rely
 * on being told.
 */
static int call_chain(enum pmem_altmap_event event,
		      struct pmem_altmap_notice *notice)
{
	const bool may_refuse = event == PMEM_ALTMAP_ADDING ||
				(event == PMEM_ALTMAP_REMOVING && notice->can_refuse);
	struct notifier_block *nb, *next;
	int rc;

	for (nb = rcu_dereference_raw(chain.head); nb; nb = next) {
		next = rcu_dereference_raw(nb->next);
		rc = to_errno(nb->notifier_call(nb, event, notice));
		if (rc && may_refuse)
			return rc;
	}
	return 0;
}

/**
 * pma_notify - tell all notifiers, in the order of their priority
 * @event: what happens
 * @notice: to which range
 *
 * Context: process, may sleep.
 * Return: 0, or for an event that may be refused, the errno of the first notifier that
 * refused; the notifiers behind that one were not asked.
 */
int pma_notify(enum pmem_altmap_event event, struct pmem_altmap_notice *notice)
{
	struct caller caller = { .task = current };
	int index, rc;

	spin_lock(&callers_lock);
	list_add(&caller.node, &callers);
	spin_unlock(&callers_lock);

	index = srcu_read_lock(&chain_srcu);
	rc = call_chain(event, notice);
	srcu_read_unlock(&chain_srcu, index);

	spin_lock(&callers_lock);
	list_del(&caller.node);
	spin_unlock(&callers_lock);
	return rc;
}

static bool is_registered(const struct notifier_block *nb)
{
	const struct notifier_block *other;

	lockdep_assert_held(&chain_lock);
	for (other = rcu_dereference_raw(chain.head); other;
	     other = rcu_dereference_raw(other->next))
		if (other == nb)
			return true;
	return false;
}

/**
 * pma_notify_register - add a notifier
 * @nb: not registered yet
 *
 * Context: process, may sleep.
 * Return: 0 or -EEXIST.
 */
int pma_notify_register(struct notifier_block *nb)
{
	int rc = -EEXIST;

	mutex_lock(&chain_lock);
	if (!is_registered(nb))
		rc = raw_notifier_chain_register(&chain, nb);
	mutex_unlock(&chain_lock);
	return rc;
}

/**
 * pma_notify_unregister - take a notifier away, and wait for the callbacks that run
 * @nb: registered
 *
 * Context: process, may sleep.
 * Return: 0, -ENOENT when it is not registered, or -EDEADLK from a notifier.
 */
int pma_notify_unregister(struct notifier_block *nb)
{
	int rc;

	if (pma_notify_inside())
		return -EDEADLK;
	mutex_lock(&chain_lock);
	rc = raw_notifier_chain_unregister(&chain, nb);
	mutex_unlock(&chain_lock);
	synchronize_srcu(&chain_srcu);
	return rc;
}

/**
 * pma_notify_forget - take away the notifiers that a module has forgotten to unregister
 * @mod: the module, which is being unloaded
 *
 * Context: process, may sleep.
 */
void pma_notify_forget(const struct module *mod)
{
	struct notifier_block *nb, *next;
	bool found = false;

	mutex_lock(&chain_lock);
	for (nb = rcu_dereference_raw(chain.head); nb; nb = next) {
		next = rcu_dereference_raw(nb->next);
		if (!within_module((unsigned long)nb->notifier_call, mod) &&
		    !within_module((unsigned long)nb, mod))
			continue;
		found = true;
		pr_err("module %s goes without unregistering its notifier, which is unregistered now\n",
		       mod->name);
		raw_notifier_chain_unregister(&chain, nb);
	}
	mutex_unlock(&chain_lock);
	/* Callbacks may take long, so only a module that had a notifier waits for them. */
	if (found)
		synchronize_srcu(&chain_srcu);
}
