// SPDX-License-Identifier: GPL-2.0-only
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "nd/allow.h"

/*
 * The names written to "allow" that have not been bound yet. The nd bus offers
 * every unbound namespace to every driver, and ndctl tries all drivers in turn:
 * so a name is good for one bind only, and what is not named is never touched. A
 * name is also dropped when another driver tries the namespace, or it goes away.
 */
struct allowed {
	struct list_head node;
	char name[PMA_NAME_SIZE];
};

static LIST_HEAD(allowed_list);
static unsigned int nr_allowed;
static DEFINE_MUTEX(allowed_lock);

static struct allowed *find_allowed(const char *name)
{
	struct allowed *entry;

	lockdep_assert_held(&allowed_lock);
	list_for_each_entry(entry, &allowed_list, node)
		if (!strcmp(entry->name, name))
			return entry;
	return NULL;
}

/**
 * pma_allow_add - take a name down
 * @name: of a namespace, shorter than PMA_NAME_SIZE
 *
 * Context: process, may sleep.
 * Return: 0, also for a name that is there already, -ENOSPC or -ENOMEM.
 */
int pma_allow_add(const char *name)
{
	struct allowed *entry;
	int rc = 0;

	mutex_lock(&allowed_lock);
	if (find_allowed(name))
		goto unlock;
	if (nr_allowed == PMA_ALLOW_MAX) {
		rc = -ENOSPC;
		goto unlock;
	}
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry) {
		rc = -ENOMEM;
		goto unlock;
	}
	strscpy(entry->name, name, sizeof(entry->name));
	list_add_tail(&entry->node, &allowed_list);
	nr_allowed++;
unlock:
	mutex_unlock(&allowed_lock);
	return rc;
}

static void drop_allowed(struct allowed *entry)
{
	list_del(&entry->node);
	nr_allowed--;
	kfree(entry);
}

/**
 * pma_allow_clear - forget all names
 *
 * Context: process, may sleep.
 */
void pma_allow_clear(void)
{
	struct allowed *entry, *next;

	mutex_lock(&allowed_lock);
	list_for_each_entry_safe(entry, next, &allowed_list, node)
		drop_allowed(entry);
	mutex_unlock(&allowed_lock);
}

/**
 * pma_allow_take - use a name up
 * @name: of a namespace
 *
 * Context: process, may sleep.
 * Return: whether it was there.
 */
bool pma_allow_take(const char *name)
{
	struct allowed *entry;
	bool found;

	mutex_lock(&allowed_lock);
	entry = find_allowed(name);
	found = entry;
	if (found)
		drop_allowed(entry);
	mutex_unlock(&allowed_lock);
	return found;
}

/**
 * pma_allow_show - write the names into a sysfs buffer, one a line
 * @buf: a page
 *
 * Context: process, may sleep.
 * Return: bytes written.
 */
ssize_t pma_allow_show(char *buf)
{
	struct allowed *entry;
	ssize_t len = 0;

	mutex_lock(&allowed_lock);
	list_for_each_entry(entry, &allowed_list, node)
		len += sysfs_emit_at(buf, len, "%s\n", entry->name);
	mutex_unlock(&allowed_lock);
	return len;
}
