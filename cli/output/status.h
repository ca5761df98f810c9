/* SPDX-License-Identifier: GPL-2.0-only */
/* Exit statuses. altmapctl(1) has the same numbers, and a test compares them. */
#ifndef ALTMAPCTL_STATUS_H
#define ALTMAPCTL_STATUS_H

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1, /* something did not work */
	STATUS_REFUSED = 2, /* nothing was touched; a message says why */
	STATUS_NOT_FOUND = 3, /* no such namespace */
	STATUS_DRIVERLESS = 4, /* the namespace has no driver now */
	STATUS_NO_MODULE = 5, /* not loaded, too old, or without debugfs */
	STATUS_USAGE = 129, /* the same as ndctl's */
};

#endif /* ALTMAPCTL_STATUS_H */
