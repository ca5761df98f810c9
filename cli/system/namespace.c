// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "system/namespace.h"
#include "system/paths.h"

#define DEVICES "/sys/bus/nd/devices"
#define FOLDER DEVICES "/%s/dax"

/**
 * name_is_namespace - can that be a namespace's name?
 * @text: not trusted
 */
bool name_is_namespace(const char *text)
{
	char canonical[64];
	unsigned int region, id;

	if (sscanf(text, "namespace%u.%u", &region, &id) != 2)
		return false;
	snprintf(canonical, sizeof(canonical), "namespace%u.%u", region, id);
	return !strcmp(text, canonical);
}

/**
 * name_find - a namespace's name in full
 * @typed: such as namespace0.0 or 0.0
 * @name: filled in
 *
 * libndctl must not be asked: while another process binds or unbinds the namespace, it would
 * wait for that without an end.
 *
 * Return: is there a namespace of that name?
 */
bool name_find(const char *typed, char name[NAME_LENGTH])
{
	char path[PATH_MAX];

	snprintf(name, NAME_LENGTH, "%.*s", NAME_LENGTH - 1, typed);
	if (!name_is_namespace(name))
		snprintf(name, NAME_LENGTH, "namespace%.*s", NAME_LENGTH - 10,
			 typed);
	if (!name_is_namespace(name))
		return false;
	path_of(path, DEVICES "/%s", name);
	return !access(path, F_OK);
}

/* Cuts the last part off a path */
static void take_last(char *path, char part[NAME_LENGTH])
{
	char *slash = strrchr(path, '/');

	snprintf(part, NAME_LENGTH, "%.*s", NAME_LENGTH - 1,
		 slash ? slash + 1 : "");
	if (slash)
		*slash = '\0';
}

/**
 * place_find - where a namespace belongs
 * @namespace: such as namespace0.0
 * @place: filled in
 *
 * The path of its device in sysfs tells. libndctl would read attributes for which the kernel
 * takes the device's lock, and a detach holds that for as long as a page is pinned.
 *
 * Return: is it known?
 */
bool place_find(const char *namespace, struct place *place)
{
	char path[PATH_MAX], real[PATH_MAX];

	if (!name_is_namespace(namespace))
		return false;
	path_of(path, DEVICES "/%s", namespace);
	if (!realpath(path, real))
		return false;
	take_last(real, place->name);
	take_last(real, place->region);
	take_last(real, place->bus);
	if (strncmp(place->region, "region", 6) ||
	    strncmp(place->bus, "ndbus", 5))
		return false;
	path_of(path, DEVICES "/%s/provider", place->bus);
	return !path_read(path, place->provider, sizeof(place->provider));
}

static int read_node(const char *device, const char *name, struct node *node)
{
	char path[PATH_MAX], text[32];
	unsigned int major, minor;
	int rc;

	path_of(path, FOLDER "/%s/dev", device, name);
	rc = path_read(path, text, sizeof(text));
	if (rc)
		return rc;
	if (sscanf(text, "%u:%u", &major, &minor) != 2)
		return -EBADMSG;
	snprintf(node->name, sizeof(node->name), "%.*s", NODE_NAME - 1, name);
	node->dev = makedev(major, minor);
	path_of(path, FOLDER "/%s/align", device, name);
	path_read(path, text, sizeof(text));
	node->align = strtoull(text, NULL, 10);
	return 0;
}

/**
 * node_find - the device node of an attached namespace
 * @namespace: such as namespace0.0
 * @node: filled in
 *
 * For libpmem2 the node is not below the namespace: for namespaceX.Y it is daxX.Y, below the
 * idle dax device that claims the namespace, and it goes when that device goes. The
 * namespace tells which device that is, but not while it is being unbound, which may take
 * long: so all of them are looked at.
 *
 * Return: 0, -ENOENT if there is none, or another negative errno if that is not known.
 */
int node_find(const char *namespace, struct node *node)
{
	size_t prefix = strlen("namespace");
	char path[PATH_MAX], name[NODE_NAME];
	struct dirent *entry;
	DIR *dir;
	int rc;

	if (!name_is_namespace(namespace))
		return -ENOENT;
	rc = read_node(namespace, namespace, node);
	if (rc != -ENOENT)
		return rc;
	snprintf(name, sizeof(name), "dax%.32s", namespace + prefix);
	dir = opendir(path_of(path, DEVICES));
	if (!dir)
		return -errno;
	while (rc == -ENOENT && (errno = 0, entry = readdir(dir)))
		if (!strncmp(entry->d_name, "dax", 3))
			rc = read_node(entry->d_name, name, node);
	if (rc == -ENOENT && errno && !entry)
		rc = -errno;
	closedir(dir);
	return rc;
}
