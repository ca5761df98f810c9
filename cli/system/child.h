/* SPDX-License-Identifier: GPL-2.0-only */
/* Other programs that are run: modprobe and man. */
#ifndef ALTMAPCTL_CHILD_H
#define ALTMAPCTL_CHILD_H

int child_modprobe(const char *module);
int child_modprobe_alias(const char *alias);
int child_man(const char *page);

#endif /* ALTMAPCTL_CHILD_H */
