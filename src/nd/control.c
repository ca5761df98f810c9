// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core/provider.h"
#include "nd/control.h"
#include "node/node.h"

#define MAX_NAMES	64

/* For messages: what is attached is listed here. */
#define PROVIDERS	"/sys/kernel/debug/pmem_altmap/providers"

/*
 * The names that were written to "allow" and have not been bound yet. The nd bus offers
 * every unbound namespace to every driver, and ndctl tries all drivers in turn. So a name is
 * good for one bind only, and what is not named is never touched. A name is also dropped
 * when another driver tries the namespace, or when the namespace goes away.
 */
struct name {
	struct list_head node;
	char text[PMA_NAME_SIZE];
};

static LIST_HEAD(names);
static unsigned int nr_names;
static DEFINE_MUTEX(names_lock);

static struct name *find_name(const char *text)
{
	struct name *name;

	lockdep_assert_held(&names_lock);
	list_for_each_entry(name, &names, node)
		if (!strcmp(name->text, text))
			return name;
	return NULL;
}

/* Adds a name, unless the list has it already. */
static int add_name(const char *text)
{
	struct name *name;
	int rc = 0;

	mutex_lock(&names_lock);
	if (find_name(text))
		goto unlock;
	if (nr_names == MAX_NAMES) {
		rc = -ENOSPC;
		goto unlock;
	}
	name = kzalloc(sizeof(*name), GFP_KERNEL);
	if (!name) {
		rc = -ENOMEM;
		goto unlock;
	}
	strscpy(name->text, text, sizeof(name->text));
	list_add_tail(&name->node, &names);
	nr_names++;
unlock:
	mutex_unlock(&names_lock);
	return rc;
}

static void drop_name(struct name *name)
{
	list_del(&name->node);
	nr_names--;
	kfree(name);
}

/**
 * pma_control_forget_names - forget all names
 *
 * Context: process, may sleep.
 */
void pma_control_forget_names(void)
{
	struct name *name, *next;

	mutex_lock(&names_lock);
	list_for_each_entry_safe(name, next, &names, node)
		drop_name(name);
	mutex_unlock(&names_lock);
}

/**
 * pma_control_take_name - use a name up
 * @text: the name of a namespace
 *
 * Context: process, may sleep.
 * Return: whether root had named it.
 */
bool pma_control_take_name(const char *text)
{
	struct name *name;
	bool found;

	mutex_lock(&names_lock);
	name = find_name(text);
	found = name;
	if (found)
		drop_name(name);
	mutex_unlock(&names_lock);
	return found;
}

/* Reads what was written to a file of the driver as the name of a namespace. */
static int parse_name(const char *buf, char name[PMA_NAME_SIZE])
{
	char canonical[PMA_NAME_SIZE] = "";
	int region, id;

	if (strscpy(name, buf, PMA_NAME_SIZE) < 0)
		name[0] = '\0';
	strim(name);
	if (sscanf(name, "namespace%d.%d", &region, &id) == 2)
		snprintf(canonical, sizeof(canonical), "namespace%d.%d",
			 region, id);
	if (name[0] && !strcmp(name, canonical))
		return 0;
	pr_err("'%*pE' is no namespace's name: write one such as namespace0.0\n",
	       (int)strnlen(buf, PMA_NAME_SIZE), buf);
	return -EINVAL;
}

/*
 * Finds the namespace of that name, and returns it locked and held. Binding and unbinding
 * hold the lock and may take long, so they are not waited for; a task that only looks at
 * the driver holds the lock for a moment, so a few tries are made.
 */
static struct device *lock_namespace(struct device_driver *drv, const char *name)
{
	struct device *dev;
	int i;

	dev = bus_find_device_by_name(drv->bus, NULL, name);
	if (!dev) {
		pr_err("%s: no such namespace: see 'ndctl list -Ni'\n", name);
		return ERR_PTR(-ENODEV);
	}
	for (i = 0; i < 10; i++) {
		if (device_trylock(dev))
			return dev;
		msleep(20);
	}
	dev_err(dev, "is being bound or unbound: try again later\n");
	put_device(dev);
	return ERR_PTR(-EBUSY);
}

static void unlock_namespace(struct device *dev)
{
	device_unlock(dev);
	put_device(dev);
}

/* Finds a namespace that this driver has attached, and returns it locked and held. */
static struct device *lock_attached(struct device_driver *drv, const char *buf)
{
	char name[PMA_NAME_SIZE];
	struct device *dev;
	int rc;

	rc = parse_name(buf, name);
	if (rc)
		return ERR_PTR(rc);
	dev = lock_namespace(drv, name);
	if (IS_ERR(dev))
		return dev;
	if (dev->driver != drv) {
		dev_err(dev, "is not attached: see " PROVIDERS "\n");
		unlock_namespace(dev);
		return ERR_PTR(-ENXIO);
	}
	return dev;
}

static bool is_on_bus(struct device *dev, const char *name)
{
	struct device *found = bus_find_device_by_name(dev->bus, NULL, name);

	put_device(found);
	return found == dev;
}

static ssize_t allow_show(struct device_driver *drv, char *buf)
{
	struct name *name;
	ssize_t len = 0;

	mutex_lock(&names_lock);
	list_for_each_entry(name, &names, node)
		len += sysfs_emit_at(buf, len, "%s\n", name->text);
	mutex_unlock(&names_lock);
	return len;
}

/*
 * A line with a name adds it, an empty line forgets all names. A bound namespace is refused
 * here, since its bind would fail without a word.
 */
static ssize_t allow_store(struct device_driver *drv, const char *buf,
			   size_t count)
{
	char name[PMA_NAME_SIZE];
	struct device *dev;
	int rc;

	if (sysfs_streq(buf, "")) {
		pma_control_forget_names();
		return count;
	}
	rc = parse_name(buf, name);
	if (rc)
		return rc;
	dev = lock_namespace(drv, name);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	if (dev->driver == drv) {
		dev_err(dev, "attached already: write its name to unbind first\n");
		rc = -EBUSY;
	} else if (dev->driver) {
		dev_err(dev, "bound to driver %s: run 'ndctl disable-namespace %s' first\n",
			dev->driver->name, name);
		rc = -EBUSY;
	} else {
		rc = add_name(name);
		if (rc)
			dev_err(dev, "its name is not noted (error %d, at most %d names can wait): bind the namespaces that wait, or write an empty line to forget their names\n",
				rc, MAX_NAMES);
	}
	if (!rc && !is_on_bus(dev, name)) {
		pma_control_take_name(name);
		dev_err(dev, "goes away: see 'ndctl list -Ni'\n");
		rc = -ENODEV;
	}
	unlock_namespace(dev);
	return rc ? rc : count;
}

static struct driver_attribute driver_attr_allow =
	__ATTR(allow, 0600, allow_show, allow_store);

static ssize_t quiesce_store(struct device_driver *drv, const char *buf,
			     size_t count)
{
	struct pma_refusal why;
	struct device *dev;
	int rc;

	dev = lock_attached(drv, buf);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	rc = pma_node_quiesce(dev_get_drvdata(dev), &why);
	if (rc)
		pma_provider_refused(dev, "quiesced", &why);
	unlock_namespace(dev);
	return rc ? rc : count;
}

static struct driver_attribute driver_attr_quiesce =
	__ATTR(quiesce, 0200, NULL, quiesce_store);

static ssize_t resume_store(struct device_driver *drv, const char *buf,
			    size_t count)
{
	struct device *dev;

	dev = lock_attached(drv, buf);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	pma_node_resume(dev_get_drvdata(dev));
	unlock_namespace(dev);
	return count;
}

static struct driver_attribute driver_attr_resume =
	__ATTR(resume, 0200, NULL, resume_store);

static struct attribute *pma_control_attrs[] = {
	&driver_attr_allow.attr,
	&driver_attr_quiesce.attr,
	&driver_attr_resume.attr,
	NULL
};

static const struct attribute_group pma_control_group = {
	.attrs = pma_control_attrs,
};

const struct attribute_group *pma_control_groups[] = {
	&pma_control_group,
	NULL
};
