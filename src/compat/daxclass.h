/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For node/node.c: a device class named dax, by which fio and libndctl know a DAX device. With
 * DEV_DAX_PMEM_COMPAT the kernel has a class of that name that modules cannot use, and there
 * cannot be a second one.
 */
#ifndef PMA_COMPAT_DAXCLASS_H
#define PMA_COMPAT_DAXCLASS_H

#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#include "compat.h"

#if IS_ENABLED(CONFIG_DEV_DAX_PMEM_COMPAT)
/* The link "subsystem" of a device leads here; programs look at the last name only. */
static struct kobject *pma_dax_kobj;

static inline struct class *pma_dax_class_create(void)
{
	struct class *class;

	pma_dax_kobj = kobject_create_and_add("dax", &THIS_MODULE->mkobj.kobj);
	if (!pma_dax_kobj)
		return ERR_PTR(-ENOMEM);
	class = class_create(KBUILD_MODNAME);
	if (IS_ERR(class)) {
		kobject_put(pma_dax_kobj);
		return class;
	}
	/* From here on the name is used for folders between devices, and in events. */
	class->name = "dax";
	return class;
}

static inline void pma_dax_class_destroy(struct class *class)
{
	class_destroy(class);
	kobject_put(pma_dax_kobj);
}

/* The driver core removes the link by its name, whatever it leads to. */
static inline int pma_dax_class_link(struct device *dev)
{
	sysfs_remove_link(&dev->kobj, "subsystem");
	return sysfs_create_link(&dev->kobj, pma_dax_kobj, "subsystem");
}
#else
static inline struct class *pma_dax_class_create(void)
{
	return class_create("dax");
}

static inline void pma_dax_class_destroy(struct class *class)
{
	class_destroy(class);
}

static inline int pma_dax_class_link(struct device *dev)
{
	return 0;
}
#endif

#endif /* PMA_COMPAT_DAXCLASS_H */
