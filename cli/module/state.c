// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "module/state.h"
#include "output/say.h"
#include "output/status.h"
#include "system/paths.h"

#define STEP_MS 100
/* The first line of a file has the pid that locked it last, the second one the uuid */
#define OWNER_LINE 12

/* Only root can write to the folder, but links are not followed all the same */
static int open_state(const char *name, int flags)
{
	char path[PATH_MAX];
	int folder, fd;

	path_of(path, PATH_RUN);
	if (flags & O_CREAT)
		mkdir(path, 0700);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return -errno;
	fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = -errno;
	close(folder);
	return fd;
}

static int owner(int fd)
{
	char text[OWNER_LINE + 1] = "";

	return pread(fd, text, OWNER_LINE, 0) > 0 ? atoi(text) : 0;
}

/* flock() without LOCK_NB has no time limit, so the lock is tried again and again */
static int wait_for_lock(int fd, const char *name, unsigned int limit_ms)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000 };
	unsigned int waited = 0;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= limit_ms)
			return -EBUSY;
		if (!waited)
			say_note(
				"%s: another altmapctl (pid %d) is working on it: waiting for that, %u s at most",
				name, owner(fd), limit_ms / 1000);
		nanosleep(&step, NULL);
		waited += STEP_MS;
	}
	return 0;
}

/**
 * state_lock - keep every other altmapctl from a namespace
 * @name: of the namespace, as libndctl has it
 * @limit_ms: how long to wait for another process that has the lock
 *
 * The file is never removed: a waiting process would then get the lock of a file that has
 * gone, beside another one with the lock of the new file.
 *
 * Return: a descriptor that holds the lock; or, after a message, minus a status.
 */
int state_lock(const char *name, unsigned int limit_ms)
{
	int fd = open_state(name, O_RDWR | O_CREAT);
	char text[OWNER_LINE + 1];
	int rc = fd < 0 ? fd : wait_for_lock(fd, name, limit_ms);

	if (rc == -EBUSY) {
		say("%s: another altmapctl (pid %d) is still working on it after %u s (EBUSY): wait for it, then try again",
		    name, owner(fd), limit_ms / 1000);
		close(fd);
		return -STATUS_REFUSED;
	}
	if (rc) {
		say("%s: cannot lock %s/%s: %s: is /run there, and can it be written to?",
		    name, PATH_RUN, name, strerror(-rc));
		if (fd >= 0)
			close(fd);
		return -STATUS_FAILED;
	}
	snprintf(text, sizeof(text), "%11d\n", getpid());
	if (pwrite(fd, text, OWNER_LINE, 0) < 0)
		say("%s: cannot write to %s/%s: %s", name, PATH_RUN, name,
		    strerror(errno));
	return fd;
}

/**
 * state_remember - note the uuid of a namespace that was just attached
 * @lock: from state_lock()
 * @c: its counters, which say which attachment this is
 * @uuid: of its info block
 */
void state_remember(int lock, const struct counters *c, const char *uuid)
{
	char text[128];
	int n;

	n = snprintf(text, sizeof(text), "%.36s %llu %llu\n", uuid, c->base_pfn,
		     c->attach_ns);
	if (ftruncate(lock, OWNER_LINE) ||
	    pwrite(lock, text, n, OWNER_LINE) < n)
		say("%s: its uuid cannot be noted in %s (%s): 'attach --all' will not find it by its uuid while it is attached",
		    c->name, PATH_RUN, strerror(errno));
}

/**
 * state_recall - the uuid of an attached namespace, if altmapctl attached it
 * @c: its counters now
 * @uuid: filled in
 * @size: bytes of @uuid, 37 or more
 *
 * The note of an earlier attachment of that name has other numbers, and is not used.
 *
 * Return: is it known?
 */
bool state_recall(const struct counters *c, char *uuid, size_t size)
{
	int fd = open_state(c->name, O_RDONLY);
	char text[128], noted[40];
	u64 base_pfn, attach_ns;
	ssize_t n;

	if (fd < 0)
		return false;
	n = pread(fd, text, sizeof(text) - 1, OWNER_LINE);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%36s %llu %llu", noted, &base_pfn, &attach_ns) != 3 ||
	    base_pfn != c->base_pfn || attach_ns != c->attach_ns)
		return false;
	snprintf(uuid, size, "%s", noted);
	return true;
}
