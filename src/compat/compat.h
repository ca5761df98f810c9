/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * This folder is the only place that knows kernels differ. All other code is written for the
 * newest kernel; what an older kernel lacks is provided here under the mainline name. The
 * PMA_HAVE_ facts are found by the probes in probe/, see Kbuild.
 */
#ifndef PMA_COMPAT_H
#define PMA_COMPAT_H

#include "require.h"

#include <linux/device/class.h>
#include <linux/memory_hotplug.h>
#include <linux/memremap.h>
#include <linux/module.h>
#include <linux/range.h>

#include "config.h"

#ifdef PMA_HAVE_GET_DEV_PAGEMAP_HINT
#define get_dev_pagemap(pfn) get_dev_pagemap(pfn, NULL)
#endif

#ifdef PMA_HAVE_CLASS_CREATE_OWNER
static inline struct class *pma_class_create(const char *name)
{
	return class_create(THIS_MODULE, name);
}

#undef class_create
#define class_create pma_class_create
#endif

/* On such a kernel no module is ever unloaded. */
#ifndef CONFIG_MODULE_UNLOAD
static inline int module_refcount(struct module *mod)
{
	return INT_MAX;
}
#endif

#ifndef PMA_HAVE_MHP_GET_PLUGGABLE_RANGE
static inline struct range mhp_get_pluggable_range(bool need_mapping)
{
	return (struct range) { .start = 0,
				.end = (1ULL << MAX_PHYSMEM_BITS) - 1 };
}
#endif

#endif /* PMA_COMPAT_H */
