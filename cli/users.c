// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"
#include "users.h"

/* Links of a folder of /proc lead to the file itself, whatever became of its name */
static unsigned int count_links(int pid, const char *folder, dev_t dev)
{
	char path[PATH_MAX];
	unsigned int n = 0;
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	dir = opendir(path_of(path, "/proc/%d/%s", pid, folder));
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (!fstatat(dirfd(dir), entry->d_name, &st, 0) &&
		    S_ISCHR(st.st_mode) && st.st_rdev == dev)
			n++;
	}
	closedir(dir);
	return n;
}

/* A process can call itself anything, and root's terminal would obey it */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (!isprint((unsigned char)*text))
			*text = '?';
}

/**
 * users_find - who has a character device open or mapped?
 * @dev: its number
 * @users: filled in
 * @max: entries of @users
 *
 * By the number, whatever path it was opened by. Processes that come and go meanwhile
 * may be missed.
 *
 * Return: how many there are, which may be more than @max.
 */
size_t users_find(dev_t dev, struct user *users, size_t max)
{
	char path[PATH_MAX];
	struct dirent *entry;
	size_t n = 0;
	DIR *proc;

	proc = opendir(path_of(path, "/proc"));
	if (!proc)
		return 0;
	while ((entry = readdir(proc))) {
		struct user user = { .pid = atoi(entry->d_name) };

		/* What it has of its parent's is no use of its own */
		if (user.pid <= 0 || user.pid == getpid())
			continue;
		user.files = count_links(user.pid, "fd", dev);
		user.mappings = count_links(user.pid, "map_files", dev);
		if (!user.files && !user.mappings)
			continue;
		path_of(path, "/proc/%d/comm", user.pid);
		path_read(path, user.comm, sizeof(user.comm));
		make_printable(user.comm);
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
