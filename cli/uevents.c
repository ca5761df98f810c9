// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "uevents.h"

/**
 * uevents_open - listen to the kernel's events of devices
 *
 * Return: a descriptor or a negative errno.
 */
int uevents_open(void)
{
	/* The kernel's own group, not udev's: nobody has to run for it */
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK,
					     .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address))) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

/**
 * uevents_wait - wait until something has changed, or for some time
 * @fd: from uevents_open()
 * @timeout_ms: milliseconds
 *
 * What has changed is for the caller to find out: events that were lost do no harm.
 *
 * Return: 0 or a negative errno.
 */
int uevents_wait(int fd, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char event[4096];
	int n;

	n = poll(&poll_fd, 1, timeout_ms);
	if (n < 0 && errno != EINTR)
		return -errno;
	while (n > 0 && recv(fd, event, sizeof(event), 0) > 0)
		;
	return 0;
}
