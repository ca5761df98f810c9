/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's word that some device has changed. */
#ifndef ALTMAPCTL_UEVENTS_H
#define ALTMAPCTL_UEVENTS_H

int uevents_open(void);
int uevents_wait(int fd, int timeout_ms);

#endif /* ALTMAPCTL_UEVENTS_H */
