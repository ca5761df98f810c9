/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading modules. */
#ifndef ALTMAPCTL_MODPROBE_H
#define ALTMAPCTL_MODPROBE_H

int modprobe(const char *module);
int modprobe_alias(const char *alias);

#endif /* ALTMAPCTL_MODPROBE_H */
