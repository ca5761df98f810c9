// SPDX-License-Identifier: GPL-2.0-only
/* What daxrace asks of the kernel about namespaces, and tells it */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "racespaces.h"

/* One that is there now: they get other names when their bus goes and comes */
const char *some_space(void)
{
	static char name[NAME_MAX + 1];
	struct dirent *entry;
	unsigned int n = 0;
	DIR *dir = opendir(DEVICES);

	strcpy(name, "namespace0.0");
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "namespace", 9) && !pick(++n))
			snprintf(name, sizeof(name), "%s", entry->d_name);
	if (dir)
		closedir(dir);
	/* Their bus is away: leave the CPUs to who brings it back, which takes minutes if not */
	if (!n)
		usleep(500000);
	return name;
}

bool put_at(const char *path, const char *text)
{
	bool good;
	int fd;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) > 0;
	close(fd);
	return good;
}

bool put_driver(const char *file, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), DRIVER "%s", file);
	return put_at(path, text);
}

/* Its first line, without the end of it; empty if there is none */
static void read_line(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = -1;

	if (fd >= 0) {
		len = read(fd, text, size - 1);
		close(fd);
	}
	text[len < 0 ? 0 : len] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

/* 1 with pages of 4 KiB, 0 with others, -1 if it is not attached */
int space_of(const char *name)
{
	char path[PATH_MAX], text[32];

	snprintf(path, sizeof(path), DEVICES "/%s/dax/%s/align", name, name);
	read_line(path, text, sizeof(text));
	return *text ? atoi(text) == 4096 : -1;
}

bool is_quiesced(const char *name)
{
	char path[PATH_MAX], text[32];

	snprintf(path, sizeof(path), DEBUGFS "/providers/%s/state", name);
	read_line(path, text, sizeof(text));
	return !strcmp(text, "quiesced");
}

static void holder_of(const char *name, char *holder, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), DEVICES "/%s/holder", name);
	read_line(path, holder, size);
}

/* dax_pmem has it: its device has the numbers of the namespace, not those of the holder */
bool is_of_stock(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/dax/devices/dax%s",
		 name + strlen("namespace"));
	return !access(path, F_OK);
}

/* Until each device that is being added has been */
void wait_probe(void)
{
	char path[PATH_MAX], text[8];
	struct dirent *entry;
	DIR *dir = opendir(DEVICES);

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "ndbus", 5))
			continue;
		snprintf(path, sizeof(path), DEVICES "/%s/wait_probe",
			 entry->d_name);
		read_line(path, text, sizeof(text));
	}
	if (dir)
		closedir(dir);
}

/*
 * The stock driver gets what was not named when its region came. A device that is still being
 * added is not to be given up: see docs/reliability.md, what the kernel has wrong.
 */
bool release_of_stock(const char *name)
{
	char path[PATH_MAX], holder[64];

	holder_of(name, holder, sizeof(holder));
	if (!*holder)
		return false;
	put_at("/sys/bus/nd/drivers/dax_pmem/unbind", holder);
	wait_probe();
	snprintf(path, sizeof(path), DEVICES "/%s/namespace", holder);
	return put_at(path, "\n");
}

/* 1 if something is attached */
int any_attached(void)
{
	struct dirent *entry;
	DIR *dir = opendir(DRIVER);
	int any = 0;

	while (dir && (entry = readdir(dir)))
		any |= !strncmp(entry->d_name, "namespace", 9);
	if (dir)
		closedir(dir);
	return any;
}
