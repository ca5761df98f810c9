// SPDX-License-Identifier: GPL-2.0-only
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>

#include "notify.h"

/*
 * As srcu_notifier_head, which a module cannot have statically and whose setting up
 * does not fail but BUG()s. SRCU, since a callback may unbind the driver of another range.
 */
static RAW_NOTIFIER_HEAD(chain);
static DEFINE_MUTEX(chain_lock);
DEFINE_STATIC_SRCU(chain_srcu);

/* The tasks that are in the callbacks */
struct caller {
	struct list_head node;
	struct task_struct *task;
};

static LIST_HEAD(callers);
static DEFINE_SPINLOCK(callers_lock);

/**
 * pma_notify_inside - is this called from a notifier?
 *
 * What would wait for the callback itself to end must not be done from it.
 *
 * Context: any.
 * Return: whether the current task is in a callback.
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

/**
 * pma_notify - tell all notifiers, in the order of their priority
 * @event: what happens
 * @notice: to which range
 *
 * Context: process, may sleep.
 * Return: 0 or the errno of the first that refused; those behind it were not asked.
 */
int pma_notify(enum pmem_altmap_event event, struct pmem_altmap_notice *notice)
{
	struct caller caller = { .task = current };
	int index, rc;

	spin_lock(&callers_lock);
	list_add(&caller.node, &callers);
	spin_unlock(&callers_lock);

	index = srcu_read_lock(&chain_srcu);
	rc = raw_notifier_call_chain(&chain, event, notice);
	srcu_read_unlock(&chain_srcu, index);

	spin_lock(&callers_lock);
	list_del(&caller.node);
	spin_unlock(&callers_lock);
	return notifier_to_errno(rc);
}

/**
 * pma_notify_register - add a notifier
 * @nb: not registered yet
 *
 * Context: process, may sleep.
 * Return: 0, or -EEXIST where the kernel finds it in the chain (since v5.17).
 */
int pma_notify_register(struct notifier_block *nb)
{
	int rc;

	mutex_lock(&chain_lock);
	rc = raw_notifier_chain_register(&chain, nb);
	mutex_unlock(&chain_lock);
	return rc;
}

/**
 * pma_notify_unregister - take a notifier away, and wait until it is not called any more
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
