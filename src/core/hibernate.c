// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/notifier.h>
#include <linux/suspend.h>

#include "core/hibernate.h"
#include "core/registry.h"

/*
 * The kernel that loads the image runs before the image's kernel does, and its drivers may write
 * a memmap of their own where the image's kernel has left one. Suspending to RAM does no harm.
 * Activating NVDIMM firmware would do none, but hibernate_quiet_exec() announces it in the same
 * way, so it is refused as well.
 */
static int follow(struct notifier_block *nb, unsigned long event, void *unused)
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

static struct notifier_block follower = {
	.notifier_call = follow,
};

/**
 * pma_hibernate_init - refuse hibernation from now on while a memmap is on a device
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pma_hibernate_init(void)
{
	return register_pm_notifier(&follower);
}

/**
 * pma_hibernate_exit - undo pma_hibernate_init()
 *
 * Context: process, may sleep.
 */
void pma_hibernate_exit(void)
{
	unregister_pm_notifier(&follower);
}
