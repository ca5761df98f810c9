// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "module/driver.h"
#include "output/say.h"
#include "output/status.h"
#include "output/text.h"
#include "system/child.h"
#include "system/paths.h"

bool driver_loaded(void)
{
	char path[PATH_MAX];

	return !access(path_of(path, PATH_DRIVER "/bind"), F_OK);
}

/**
 * driver_load - load the module if it is not loaded
 *
 * Loading claims nothing, so that attaching may do it unasked.
 *
 * Return: STATUS_OK, or STATUS_NO_MODULE after a message.
 */
int driver_load(void)
{
	int rc;

	if (driver_loaded())
		return STATUS_OK;
	rc = child_modprobe("pmem_altmap");
	if (!rc && driver_loaded())
		return STATUS_OK;
	if (rc < 0)
		say("the module cannot be loaded: modprobe cannot be run (%s): install kmod",
		    error_name(rc));
	else
		say("the module cannot be loaded: 'altmapctl doctor' says why");
	return STATUS_NO_MODULE;
}

/**
 * driver_write - write a name to a file of the driver
 * @file: allow, bind, unbind, quiesce or resume
 * @name: of a namespace
 *
 * Return: 0 or a negative errno.
 */
int driver_write(const char *file, const char *name)
{
	char path[PATH_MAX];

	return path_write(path_of(path, PATH_DRIVER "/%s", file), name);
}

struct slow_write {
	const char *file;
	const char *name;
	int rc;
};

static void *write_it(void *data)
{
	struct slow_write *slow = data;

	slow->rc = driver_write(slow->file, slow->name);
	return NULL;
}

/**
 * driver_write_slowly - write a name to a file of the driver where that may take long
 * @file: bind or unbind
 * @name: of a namespace
 * @doing: what a terminal shows behind the name, with the seconds that have passed
 *
 * The kernel does not say how far it is, only when it has finished.
 *
 * Return: 0 or a negative errno.
 */
int driver_write_slowly(const char *file, const char *name, const char *doing)
{
	struct slow_write slow = { .file = file, .name = name };
	struct timespec until;
	int tenths = 0;
	pthread_t thread;
	bool shown = false;

	if (!isatty(STDERR_FILENO) ||
	    pthread_create(&thread, NULL, write_it, &slow))
		return driver_write(file, name);

	for (;;) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 100000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		if (pthread_timedjoin_np(thread, NULL, &until) != ETIMEDOUT)
			break;
		/* Nothing is shown in the first half second */
		if (++tenths < 5)
			continue;
		fprintf(stderr, "\r%s: %s, %d.%d s ", name, doing, tenths / 10,
			tenths % 10);
		shown = true;
	}
	/* The progress goes, so that only messages stay on the terminal */
	if (shown)
		fprintf(stderr, "\r\033[K");
	return slow.rc;
}
