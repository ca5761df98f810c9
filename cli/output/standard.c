// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "output/say.h"
#include "output/standard.h"
#include "output/status.h"

static bool failed;

/**
 * output_begin - make sure that descriptors 0 to 2 are open
 *
 * main() calls this before anything else.
 *
 * The next file that is opened would get the number of one that is closed: messages would
 * then go into that file, such as the one in /run that is locked. So /dev/null is opened in
 * place of a closed descriptor, for reading only: a write to it fails, and is seen to be lost.
 *
 * A reader that goes away is seen by the error of the write, not by a signal: the exit
 * status is a documented one, and nothing ends half-way.
 *
 * Return: could they be opened?
 */
bool output_begin(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return false;
	signal(SIGPIPE, SIG_IGN);
	return true;
}

static int fail(const char *why)
{
	if (!failed)
		say("cannot write to standard output: %s", why);
	failed = true;
	return STATUS_FAILED;
}

/**
 * output_flush - write what was printed on standard output
 *
 * Return: STATUS_OK, or STATUS_FAILED. The first failure is said.
 */
int output_flush(void)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return STATUS_OK;
	/* An earlier write has failed, and its errno is lost */
	return fail(errno ? strerror(errno) : "a write has failed");
}

/**
 * output_has_reader - may anybody read what will be written to standard output?
 *
 * For a verb that waits, which would find out with its next line only.
 *
 * Return: may they? If not, that is said.
 */
bool output_has_reader(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return !fail(strerror(EBADF));
	if (poll(&out, 1, 0) > 0 && out.revents & (POLLERR | POLLHUP))
		return !fail(strerror(EPIPE));
	return true;
}

/**
 * output_end - write what is left, and judge all output
 * @status: of the verb
 *
 * main() calls this last.
 *
 * Return: @status; but STATUS_FAILED in place of STATUS_OK if any output was lost.
 */
int output_end(int status)
{
	/* A file system with quotas, or NFS, may fail at the close only */
	if (!output_flush() && fclose(stdout))
		fail(strerror(errno));
	failed |= say_was_lost();
	return !status && failed ? STATUS_FAILED : status;
}
