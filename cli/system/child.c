// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/child.h"

/* The $PATH of cron and others has no sbin */
static const char *const modprobes[] = { "/sbin/modprobe", "/usr/sbin/modprobe",
					 "modprobe", NULL };
static const char *const mans[] = { "man", NULL };

/* altmapctl ignores some signals, which the program has to have again */
static int spawn(pid_t *pid, const char *const programs[], char *const argv[],
		 const posix_spawn_file_actions_t *actions)
{
	posix_spawnattr_t attributes;
	sigset_t ignored;
	int rc = ENOENT;
	size_t i;

	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	sigaddset(&ignored, SIGINT);
	sigaddset(&ignored, SIGQUIT);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &ignored);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	for (i = 0; rc == ENOENT && programs[i]; i++)
		rc = posix_spawnp(pid, programs[i], actions, &attributes, argv,
				  environ);
	posix_spawnattr_destroy(&attributes);
	return -rc;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

static int run(const char *const programs[], char *const argv[])
{
	pid_t pid;
	int rc = spawn(&pid, programs, argv, NULL);

	return rc ? rc : wait_for(pid);
}

/**
 * child_modprobe - load a module, or wait for another process that is loading it
 * @module: its name
 *
 * Return: 0, another status of waitpid(), or a negative errno if it cannot be run.
 */
int child_modprobe(const char *module)
{
	char *const argv[] = { "modprobe", (char *)module, NULL };

	return run(modprobes, argv);
}

/**
 * child_modprobe_alias - load all modules that udev would load for a device
 * @alias: the device's modalias
 *
 * modprobe prints nothing. It is no error if there is no such module, or if it is
 * blacklisted.
 *
 * Return: as child_modprobe().
 */
int child_modprobe_alias(const char *alias)
{
	char *const argv[] = { "modprobe", "-bq", (char *)alias, NULL };

	return run(modprobes, argv);
}

/* man does not tell whether its page could be written, so altmapctl writes it itself */
static int copy_output(char *const argv[])
{
	posix_spawn_file_actions_t actions;
	char text[4096];
	int ends[2], rc;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	rc = spawn(&pid, mans, argv, &actions);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	while (!rc && (n = read(ends[0], text, sizeof(text))) != 0)
		if (n > 0)
			fwrite(text, 1, n, stdout);
		else if (errno != EINTR)
			break;
	close(ends[0]);
	return rc ? rc : wait_for(pid);
}

/**
 * child_man - show a manual page on standard output, in a pager if that is a terminal
 * @page: its name, in section 1
 *
 * Return: 0, another status of waitpid(), or a negative errno if man cannot be run.
 */
int child_man(const char *page)
{
	char *const argv[] = { "man", "1", (char *)page, NULL };

	if (!isatty(STDOUT_FILENO))
		return copy_output(argv);
	/* A Ctrl-C is meant for the pager */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	return run(mans, argv);
}
