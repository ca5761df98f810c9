/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ALTMAPCTL_ERRNAME_H
#define ALTMAPCTL_ERRNAME_H

const char *error_name(int error);

#endif /* ALTMAPCTL_ERRNAME_H */
