// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/module.h>

#include "core/forgotten.h"
#include "core/lifecycle.h"
#include "core/notify.h"
#include "core/registry.h"

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

/**
 * pma_forgotten_init - watch for modules that are unloaded
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pma_forgotten_init(void)
{
	return register_module_notifier(&module_notifier);
}

/**
 * pma_forgotten_exit - undo pma_forgotten_init()
 *
 * Context: process, may sleep.
 */
void pma_forgotten_exit(void)
{
	unregister_module_notifier(&module_notifier);
}

/**
 * pma_forgotten_remove - remove all providers that are left
 *
 * Context: process, may sleep; no other task adds or removes any more.
 */
void pma_forgotten_remove(void)
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
