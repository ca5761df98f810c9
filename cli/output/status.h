/* SPDX-License-Identifier: GPL-2.0-only */
/* What altmapctl ends with. The codes are in altmapctl(1). */
#ifndef ALTMAPCTL_STATUS_H
#define ALTMAPCTL_STATUS_H

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1, /* something did not work */
	STATUS_REFUSED = 2, /* nothing was touched, and the reason said */
	STATUS_NOT_FOUND = 3, /* no such namespace */
	STATUS_DRIVERLESS = 4, /* the namespace has no driver now */
	STATUS_NO_MODULE = 5, /* not loaded, too old, or debugfs is missing */
	STATUS_USAGE = 129, /* as ndctl's */
};

#endif /* ALTMAPCTL_STATUS_H */
