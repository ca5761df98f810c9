// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "system/paths.h"
#include "use/users.h"

/* Keeps the first error that hides something; a process that has gone hides nothing */
static void hide(int *blind, int error)
{
	if (!*blind && error != ENOENT && error != ESRCH)
		*blind = error;
}

/*
 * Only EPERM and EACCES hide what a link leads to. A file of FUSE may be its owner's only,
 * but what the link says may be read all the same.
 */
static void look_away(int folder, const char *name, int *blind)
{
	char target[1];

	if (errno == EPERM ||
	    (errno == EACCES &&
	     readlinkat(folder, name, target, sizeof(target)) < 0))
		hide(blind, errno);
}

/*
 * The links in these folders of /proc lead to the file itself, whatever became of its name.
 * AT_STATX_DONT_SYNC keeps from waiting for a file server that does not answer.
 */
static unsigned int count_links(int task, const char *folder, dev_t dev,
				int *blind)
{
	char path[PATH_MAX];
	unsigned int n = 0;
	struct dirent *entry;
	struct statx st;
	DIR *dir;

	dir = opendir(path_of(path, "/proc/%d/%s", task, folder));
	if (!dir) {
		hide(blind, errno);
		return 0;
	}
	while (errno = 0, (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (statx(dirfd(dir), entry->d_name, AT_STATX_DONT_SYNC,
			  STATX_TYPE, &st))
			look_away(dirfd(dir), entry->d_name, blind);
		else if (S_ISCHR(st.stx_mode) &&
			 st.stx_rdev_major == major(dev) &&
			 st.stx_rdev_minor == minor(dev))
			n++;
	}
	hide(blind, errno);
	closedir(dir);
	return n;
}

/*
 * The threads of a process share its descriptors and mappings. But a thread can have
 * descriptors of its own, and a first thread that ended before the others has neither.
 */
static unsigned int count_of(int pid, const char *folder, int what, dev_t dev,
			     int *blind)
{
	unsigned int n = count_links(pid, folder, dev, blind), other;
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int tid;

	dir = opendir(path_of(path, "/proc/%d/task", pid));
	if (!dir) {
		hide(blind, errno);
		return n;
	}
	while ((entry = readdir(dir))) {
		tid = atoi(entry->d_name);
		if (tid <= 0 || tid == pid ||
		    !syscall(SYS_kcmp, pid, tid, what, 0, 0))
			continue;
		other = count_links(tid, folder, dev, blind);
		if (other > n)
			n = other;
	}
	closedir(dir);
	return n;
}

/**
 * users_find - find the processes that have a character device open or mapped
 * @dev: its device number
 * @users: filled in
 * @max: entries of @users
 * @blind: filled in: 0, or the errno that hides what some processes have
 *
 * The path by which it was opened does not matter. Processes that begin or end meanwhile may
 * be missed.
 *
 * Return: how many there are, which may be more than @max.
 */
size_t users_find(dev_t dev, struct user *users, size_t max, int *blind)
{
	char path[PATH_MAX];
	struct dirent *entry;
	size_t n = 0;
	DIR *proc;

	proc = opendir(path_of(path, "/proc"));
	*blind = proc ? 0 : errno;
	if (!proc)
		return 0;
	while ((entry = readdir(proc))) {
		struct user user = { .pid = atoi(entry->d_name) };

		/* What altmapctl has inherited from its parent is no use */
		if (user.pid <= 0 || user.pid == getpid())
			continue;
		user.files = count_of(user.pid, "fd", KCMP_FILES, dev, blind);
		user.mappings =
			count_of(user.pid, "map_files", KCMP_VM, dev, blind);
		if (!user.files && !user.mappings)
			continue;
		path_of(path, "/proc/%d/comm", user.pid);
		path_read(path, user.comm, sizeof(user.comm));
		if (n < max)
			users[n] = user;
		n++;
	}
	closedir(proc);
	return n;
}

/**
 * users_print - "fio (pid 123, 1 open, 2 mapped), ... and 3 more"
 * @users: from users_find()
 * @n: what it returned
 * @max: entries of @users
 * @text: filled in, cut if it does not fit
 * @size: bytes of @text
 */
void users_print(const struct user *users, size_t n, size_t max, char *text,
		 size_t size)
{
	size_t used = 0, i;

	text[0] = '\0';
	for (i = 0; i < n && i < max && used < size; i++)
		used += snprintf(text + used, size - used,
				 "%s%s (pid %d, %u open, %u mapped)",
				 i ? ", " : "", users[i].comm, users[i].pid,
				 users[i].files, users[i].mappings);
	if (n > max && used < size)
		snprintf(text + used, size - used, " and %zu more", n - max);
}
