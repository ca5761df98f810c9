// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/suspend.h>

#include "core/lifecycle.h"
#include "core/notify.h"
#include "core/registry.h"
#include "core/watch.h"

/* Lets go of all pointers into a module that is being unloaded. */
static int module_goes(struct notifier_block *unused, unsigned long state,
		       void *data)
{
	struct module *mod = data;
	struct device *dev;

	if (state != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	pma_notify_forget(mod);
	while ((dev = pma_registry_disown(mod))) {
		pr_err("module %s goes without removing the range of %s, which stays until pmem_altmap is unloaded\n",
		       mod->name, dev_name(dev));
		put_device(dev);
	}
	return NOTIFY_OK;
}

static struct notifier_block module_notifier = {
	.notifier_call = module_goes,
};

/*
 * The kernel that loads the image runs before the image's kernel does, and its drivers may write
 * a memmap of their own where the image's kernel has left one. Suspending to RAM does no harm.
 * Activating NVDIMM firmware would do none, but hibernate_quiet_exec() announces it in the same
 * way, so it is refused as well.
 */
static int machine_sleeps(struct notifier_block *unused, unsigned long event,
			  void *data)
{
	struct pma_refusal why;

	switch (event) {
	case PM_HIBERNATION_PREPARE:
		if (!pma_registry_freeze(&why))
			return NOTIFY_DONE;
		pr_err("hibernation is refused, and activating NVDIMM firmware other than live: %s\n",
		       why.text);
		return NOTIFY_BAD;
	case PM_POST_HIBERNATION:
		pma_registry_thaw();
		return NOTIFY_DONE;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block pm_notifier = {
	.notifier_call = machine_sleeps,
};

/**
 * pma_watch_init - watch for modules that are unloaded, and for hibernation
 *
 * From here on, hibernation is refused while a memmap is on a device.
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pma_watch_init(void)
{
	int rc = register_module_notifier(&module_notifier);

	if (rc)
		return rc;
	rc = register_pm_notifier(&pm_notifier);
	if (rc)
		unregister_module_notifier(&module_notifier);
	return rc;
}

/**
 * pma_watch_exit - undo pma_watch_init()
 *
 * Context: process, may sleep.
 */
void pma_watch_exit(void)
{
	unregister_pm_notifier(&pm_notifier);
	unregister_module_notifier(&module_notifier);
}

/**
 * pma_watch_remove_forgotten - remove all providers that are left
 *
 * Context: process, may sleep; no other task adds or removes any more.
 */
void pma_watch_remove_forgotten(void)
{
	struct pmem_altmap *provider;

	while ((provider = pma_registry_first())) {
		dev_err(provider->dev,
			"its module was unloaded without removing [mem %#llx-%#llx], which is removed now\n",
			provider->plan.start,
			provider->plan.start +
				provider->plan.size - 1);
		pma_remove_forgotten(provider);
	}
}
