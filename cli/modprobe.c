// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "modprobe.h"

/* A $PATH such as cron's has no sbin */
static const char *const programs[] = { "/sbin/modprobe", "/usr/sbin/modprobe",
					"modprobe" };

static int run(char *const argv[])
{
	int rc = ENOENT, status;
	pid_t pid;
	size_t i;

	for (i = 0; rc == ENOENT && i < sizeof(programs) / sizeof(*programs);
	     i++)
		rc = posix_spawnp(&pid, programs[i], NULL, NULL, argv, environ);
	if (rc)
		return -rc;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

/**
 * modprobe - load a module, or wait for who is loading it
 * @module: its name
 *
 * Return: 0, another status of waitpid(), or a negative errno if it cannot be run.
 */
int modprobe(const char *module)
{
	char *const argv[] = { "modprobe", (char *)module, NULL };

	return run(argv);
}

/**
 * modprobe_alias - the same for all modules that udev would load for a device
 * @alias: the device's modalias
 *
 * Without a word: that there is none, or that it is blacklisted, is no error for who asks.
 *
 * Return: as modprobe().
 */
int modprobe_alias(const char *alias)
{
	char *const argv[] = { "modprobe", "-bq", (char *)alias, NULL };

	return run(argv);
}
