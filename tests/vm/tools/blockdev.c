// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blockdev.h"

#define DEVICES "/sys/bus/nd/devices/"
#define PROVIDERS "/sys/kernel/debug/pmem_altmap/providers"
#define LOG_WAIT_MS 5000

static int log_fd = -1;

static void die(const char *what, const char *of)
{
	printf("# %s %s: %s\n", what, of, strerror(errno));
	exit(2);
}

/* 0 or a negative errno */
int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* Without the newline at its end: how many bytes, or a negative errno */
int file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	while ((n = read(fd, text + used, size - 1 - used)) > 0)
		used += n;
	n = n < 0 ? -errno : 0;
	close(fd);
	text[used] = '\0';
	if (used && text[used - 1] == '\n')
		text[--used] = '\0';
	return n ? n : (int)used;
}

static u64 number(const char *format, const char *name)
{
	char path[128], text[64];

	snprintf(path, sizeof(path), format, name);
	if (file_read(path, text, sizeof(text)) <= 0)
		die("cannot read", path);
	return strtoull(text, NULL, 0);
}

u64 counter(const char *space, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), PROVIDERS "/%s/%s", space, name);
	return number("%s", path);
}

int is_anything_attached(void)
{
	DIR *dir = opendir(PROVIDERS);
	struct dirent *entry;
	int n = 0;

	if (!dir)
		die("cannot read", PROVIDERS);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* "System RAM" in a section */
static int is_ram_near(u64 address)
{
	u64 from, to, section = address / SECTION * SECTION;
	FILE *file = fopen("/proc/iomem", "r");
	char line[256];
	int found = 0;

	if (!file)
		die("cannot read", "/proc/iomem");
	while (fgets(line, sizeof(line), file))
		if (strstr(line, " : System RAM") &&
		    sscanf(line, "%lx-%lx", &from, &to) == 2 && to >= section &&
		    from < section + SECTION)
			found = 1;
	fclose(file);
	return found;
}

static void take_uuid(const char *text, u8 *uuid)
{
	unsigned int byte, i;

	for (i = 0; i < 16; i++) {
		text += *text == '-';
		if (sscanf(text, "%2x", &byte) != 1)
			return;
		uuid[i] = byte;
		text += 2;
	}
}

/**
 * space_find - what sysfs says of a namespace, or exit
 * @name: such as namespace0.0
 * @space: filled in
 */
void space_find(const char *name, struct space *space)
{
	char path[128], text[64];

	memset(space, 0, sizeof(*space));
	snprintf(space->name, sizeof(space->name), "%s", name);
	space->start = number(DEVICES "%s/resource", name);
	space->size = number(DEVICES "%s/size", name);
	snprintf(path, sizeof(path), DEVICES "%s/uuid", name);
	if (file_read(path, text, sizeof(text)) > 0)
		take_uuid(text, space->uuid);
	space->early[0] = is_ram_near(space->start);
	space->early[1] = is_ram_near(space->start + space->size - 1);
}

/**
 * memory_copy - to or from a namespace that no driver has, or exit
 * @address: physical
 * @bytes: what is copied
 * @size: how much
 * @write: to it
 */
void memory_copy(u64 address, void *bytes, size_t size, int write)
{
	int fd = open("/dev/mem", (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	u64 page = address & ~(PAGE - 1);
	size_t length = address - page + size;
	u8 *memory;

	if (fd < 0)
		die("cannot open", "/dev/mem");
	memory = mmap(NULL, length, PROT_READ | (write ? PROT_WRITE : 0),
		      MAP_SHARED, fd, page);
	if (memory == MAP_FAILED)
		die("cannot map", "/dev/mem");
	if (write)
		memcpy(memory + (address - page), bytes, size);
	else
		memcpy(bytes, memory + (address - page), size);
	munmap(memory, length);
	close(fd);
}

/**
 * log_open - listen to the kernel's log from now on, or exit
 */
void log_open(void)
{
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd < 0)
		die("cannot open", "/dev/kmsg");
	lseek(log_fd, 0, SEEK_END);
}

static void take_line(const char *text, const char *space, struct words *words)
{
	char what[64];

	if (!strstr(text, "pmem_altmap"))
		return;
	/* The driver core repeats what a probe returns */
	if (strstr(text, "failed with error"))
		return;
	snprintf(words->line, sizeof(words->line), "%s", text);
	snprintf(what, sizeof(what), "pmem_altmap %s: ", space);
	if (strncmp(text, what, strlen(what))) {
		words->others++;
		return;
	}
	text += strlen(what);
	if (sscanf(text, "not attached (error -%d): ", &words->error) == 1)
		words->refusals++;
	else if (!strncmp(text, "attached: ", 10))
		words->attached++;
	else
		words->others++;
}

/*
 * A record that another CPU is still writing hides those after it: what is there may not
 * be readable yet
 */
static int is_more(const struct words *words)
{
	struct pollfd of_log = { .fd = log_fd, .events = POLLIN };

	if (words->attached || words->refusals || words->others)
		return 0;
	return poll(&of_log, 1, LOG_WAIT_MS) == 1;
}

/**
 * log_hear - what the log has said since the last time
 * @space: a namespace's name
 * @words: filled in; a line is waited for, some seconds at most
 */
void log_hear(const char *space, struct words *words)
{
	char record[8193], *text;
	ssize_t n;

	memset(words, 0, sizeof(*words));
	for (;;) {
		n = read(log_fd, record, sizeof(record) - 1);
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (n <= 0 && is_more(words))
			continue;
		if (n <= 0)
			return;
		record[n] = '\0';
		text = strchr(record, ';');
		if (!text)
			continue;
		text[strcspn(text, "\n")] = '\0';
		take_line(text + 1, space, words);
	}
}

/**
 * log_skip - pass over what the log has said since the last time
 */
void log_skip(void)
{
	lseek(log_fd, 0, SEEK_END);
}

static int read_of(const char *device, const char *file, u64 *value)
{
	char path[128], text[64];

	snprintf(path, sizeof(path), DEVICES "%.40s/%s", device, file);
	if (file_read(path, text, sizeof(text)) <= 0)
		return -1;
	*value = strtoull(text, NULL, 0);
	return 0;
}

static void settle(void)
{
	char text[64];
	int i;

	for (i = 0; i < 4; i++) {
		char path[64];

		snprintf(path, sizeof(path), DEVICES "ndbus%d/wait_probe", i);
		file_read(path, text, sizeof(text));
	}
}

/**
 * stock_attach - let the stock drivers have a namespace
 * @space: which nobody has
 * @start: filled in
 * @size: filled in, with the data that device-dax has
 *
 * Return: is it device-dax now?
 */
int stock_attach(const struct space *space, u64 *start, u64 *size)
{
	char path[128], holder[64];

	file_write("/dev/kmsg", "pma-stock-begin");
	file_write("/sys/bus/nd/drivers/nd_pmem/bind", space->name);
	settle();
	file_write("/dev/kmsg", "pma-stock-end");
	snprintf(path, sizeof(path), DEVICES "%s/holder", space->name);
	if (file_read(path, holder, sizeof(holder)) <= 0 ||
	    strncmp(holder, "dax", 3))
		return 0;
	snprintf(path, sizeof(path), DEVICES "%.40s/driver", holder);
	if (access(path, F_OK))
		return 0;
	return !read_of(holder, "resource", start) &&
	       !read_of(holder, "size", size);
}

/**
 * stock_detach - and take it away again, or exit
 * @space: the same one
 */
void stock_detach(const struct space *space)
{
	char path[128], command[128];

	file_write("/dev/kmsg", "pma-stock-begin");
	snprintf(command, sizeof(command),
		 "ndctl disable-namespace %s >/dev/null 2>&1", space->name);
	if (system(command))
		die("cannot disable", space->name);
	file_write("/dev/kmsg", "pma-stock-end");
	snprintf(path, sizeof(path), DEVICES "%s/driver", space->name);
	errno = EBUSY;
	if (!access(path, F_OK))
		die("still has a driver:", space->name);
}
