// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "module/counters.h"
#include "output/say.h"
#include "output/status.h"
#include "system/namespace.h"
#include "system/paths.h"

#define FIELD(name)                                    \
	{                                              \
#name, offsetof(struct counters, name) \
	}

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	FIELD(base_pfn),  FIELD(end_pfn),     FIELD(reserve),
	FIELD(free),	  FIELD(align),	      FIELD(alloc),
	FIELD(offset),	  FIELD(nr_free),     FIELD(data_start),
	FIELD(data_size), FIELD(dram_memmap), FIELD(attach_ns),
	FIELD(mappings),
};

static int read_number(struct counters *c, const char *file, u64 *value)
{
	char path[PATH_MAX], text[32], *end;
	int rc;

	c->unread = file;
	path_of(path, PATH_PROVIDERS "/%s/%s", c->name, file);
	rc = path_read(path, text, sizeof(text));
	if (rc)
		return rc;
	/* strtoull() would accept a sign */
	if (!isdigit((unsigned char)*text))
		return -EBADMSG;
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno || *end)
		return -EBADMSG;
	return 0;
}

/**
 * counters_there - can the counters be read?
 *
 * Return: 0, -ENOENT without the module or without debugfs, or another negative errno.
 */
int counters_there(void)
{
	char path[PATH_MAX];

	path_of(path, PATH_PROVIDERS);
	return access(path, R_OK | X_OK) ? -errno : 0;
}

/**
 * counters_available - can the module be asked?
 *
 * Return: STATUS_OK; or, after a message, STATUS_NO_MODULE, or STATUS_FAILED if the user has
 * no permission.
 */
int counters_available(void)
{
	int rc = counters_there();
	char path[PATH_MAX];

	if (!rc)
		return STATUS_OK;
	if (rc == -EACCES || rc == -EPERM) {
		say("cannot read %s: %s: run this as root",
		    path_of(path, PATH_PROVIDERS), strerror(-rc));
		return STATUS_FAILED;
	}
	if (!access(path_of(path, PATH_DRIVER), F_OK))
		say("pmem_altmap is loaded, but it has no files in debugfs: run 'mount -t debugfs debugfs " PATH_DEBUGFS
		    "', or see 'altmapctl doctor'");
	else
		say("pmem_altmap is not loaded: run 'modprobe pmem_altmap', or see 'altmapctl doctor'");
	return STATUS_NO_MODULE;
}

/**
 * counters_of_other - does a name belong to a range that another module added?
 * @name: as somebody typed it
 */
bool counters_of_other(const char *name)
{
	char path[PATH_MAX];

	return *name && *name != '.' && !strchr(name, '/') &&
	       !name_is_namespace(name) &&
	       !access(path_of(path, PATH_PROVIDERS "/%s", name), F_OK);
}

/**
 * counters_read - read the counters of one provider
 * @name: such as namespace0.0
 * @c: filled in, but for pinned
 *
 * Return: 0, -ENOENT if it is not attached (any more), or another negative errno.
 */
int counters_read(const char *name, struct counters *c)
{
	char path[PATH_MAX];
	struct node node;
	size_t i;
	int rc;

	memset(c, 0, sizeof(*c));
	snprintf(c->name, sizeof(c->name), "%s", name);
	if (!node_find(name, &node))
		memcpy(c->node, node.name, sizeof(c->node));
	c->unread = "state";
	path_of(path, PATH_PROVIDERS "/%s/state", name);
	rc = path_read(path, c->state, sizeof(c->state));
	for (i = 0; !rc && i < sizeof(fields) / sizeof(fields[0]); i++)
		rc = read_number(c, fields[i].name,
				 (u64 *)((char *)c + fields[i].offset));
	if (rc)
		return rc;
	rc = read_number(c, "users", &c->users);
	c->has_users = !rc;
	/* An older module has no such file; any other error does not mean that */
	return rc == -ENOENT ? 0 : rc;
}

/**
 * counters_pinned - count the pinned pages, which takes milliseconds per GiB
 * @c: from counters_read()
 *
 * Return: 0 or a negative errno.
 */
int counters_pinned(struct counters *c)
{
	return read_number(c, "pinned", &c->pinned);
}

/**
 * counters_unread - judge an error that a list of all providers has met
 * @name: of the provider
 * @rc: from counters_read() or counters_pinned()
 *
 * Return: STATUS_OK if the provider has gone meanwhile, or STATUS_FAILED after a message.
 */
int counters_unread(const char *name, int rc)
{
	if (rc == -ENOENT || rc == -EIO || rc == -ENODEV)
		return STATUS_OK;
	say("cannot read the counters of %s: %s", name, strerror(-rc));
	return STATUS_FAILED;
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/**
 * counters_each - call @each for every provider, in order
 * @each: ends the walk by returning anything but 0
 * @data: handed to @each
 *
 * A provider that goes away meanwhile is left out, and so are all when the module goes.
 *
 * Return: what @each returned last, or STATUS_FAILED.
 */
int counters_each(int (*each)(const struct counters *c, void *data), void *data)
{
	struct dirent **names;
	char path[PATH_MAX];
	struct counters c;
	int n, i, rc, status = STATUS_OK;

	n = scandir(path_of(path, PATH_PROVIDERS), &names, is_name,
		    versionsort);
	if (n < 0 && errno == ENOENT)
		return STATUS_OK;
	if (n < 0) {
		say("cannot read %s: %s", path, strerror(errno));
		return STATUS_FAILED;
	}
	for (i = 0; i < n; i++) {
		rc = status ? 0 : counters_read(names[i]->d_name, &c);
		if (rc)
			status = counters_unread(names[i]->d_name, rc);
		else if (!status)
			status = each(&c, data);
		free(names[i]);
	}
	free(names);
	return status;
}
