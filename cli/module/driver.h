/* SPDX-License-Identifier: GPL-2.0-only */
/* The module and the files of its driver. */
#ifndef ALTMAPCTL_DRIVER_H
#define ALTMAPCTL_DRIVER_H

#include <stdbool.h>

bool driver_loaded(void);
int driver_load(void);
int driver_write(const char *file, const char *name);
int driver_write_slowly(const char *file, const char *name, const char *doing);

#endif /* ALTMAPCTL_DRIVER_H */
