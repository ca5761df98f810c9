// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "config.h"
#include "node.h"
#include "paths.h"

#define DEVICES "/sys/bus/nd/devices"
#define FOLDER DEVICES "/%s/dax"

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
 * For libpmem2 the node is not below the namespace, but as daxX.Y of namespaceX.Y below the
 * idle dax device that claims it, and it goes where that goes. Which dax device that is
 * could be read, but not while the namespace is being unbound, which may take long.
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

	if (!config_is_namespace(namespace))
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
