/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of the driver, by which root names what may be bound, quiesces and resumes.
 */
#ifndef PMA_CONTROL_H
#define PMA_CONTROL_H

#include <linux/sysfs.h>
#include <linux/types.h>

extern const struct attribute_group *pma_control_groups[];

bool pma_control_take_name(const char *name);
void pma_control_forget_names(void);

#endif /* PMA_CONTROL_H */
