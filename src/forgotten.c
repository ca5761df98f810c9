// SPDX-License-Identifier: GPL-2.0-only
#include <linux/device.h>
#include <linux/module.h>

#include "forgotten.h"
#include "notify.h"
#include "provider.h"
#include "registry.h"
#include "remove.h"

/* Is anything of the device in the module that would be followed later? */
static bool is_of_module(const struct device *dev, const void *data)
{
	const struct module *mod = data;
	const void *of[] = {
		dev, dev->release, dev->bus, dev->class, dev->type,
		dev->type ? dev->type->release : NULL,
		dev->class ? dev->class->dev_release : NULL,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(of); i++)
		if (of[i] && within_module((unsigned long)of[i], mod))
			return true;
	return false;
}

/* Its exit function has run, and could not fail where a range was still in use */
static int module_goes(struct notifier_block *unused, unsigned long state,
		       void *data)
{
	struct module *mod = data;
	struct pmem_altmap *provider;

	if (state != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	/* What it has registered would be called into nothing */
	pma_notify_forget(mod);
	while ((provider = pma_registry_take_away(is_of_module, mod))) {
		dev_err(provider->dev,
			"%s goes, and the device with it, and [mem %#llx-%#llx] was not removed: removed now\n",
			mod->name, provider->map->layout.start,
			provider->map->layout.start +
				provider->map->layout.size - 1);
		pma_remove_owned(provider);
	}
	return NOTIFY_OK;
}

static struct notifier_block module_notifier = {
	.notifier_call = module_goes,
};

/**
 * pma_forgotten_init - look after modules that go
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
 * pma_forgotten_remove - remove all that is left
 *
 * Context: process, may sleep; nobody adds or removes any more.
 */
void pma_forgotten_remove(void)
{
	struct pmem_altmap *provider;

	while ((provider = pma_registry_first())) {
		dev_err(provider->dev,
			"its module has gone and forgot to remove [mem %#llx-%#llx]: removed now\n",
			provider->map->layout.start,
			provider->map->layout.start +
				provider->map->layout.size - 1);
		if (provider->driver_owned)
			pma_provider_disown(provider);
		else
			pma_remove_owned(provider);
	}
}
