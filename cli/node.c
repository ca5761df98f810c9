// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "config.h"
#include "node.h"
#include "paths.h"

#define DEVICES "/sys/bus/nd/devices"
#define FOLDER DEVICES "/%s/dax"

static bool read_node(const char *device, const char *name, struct node *node)
{
	char path[PATH_MAX], text[32];
	unsigned int major, minor;

	path_of(path, FOLDER "/%s/dev", device, name);
	if (path_read(path, text, sizeof(text)) ||
	    sscanf(text, "%u:%u", &major, &minor) != 2)
		return false;
	snprintf(node->name, sizeof(node->name), "%.*s", NODE_NAME - 1, name);
	node->dev = makedev(major, minor);
	path_of(path, FOLDER "/%s/align", device, name);
	path_read(path, text, sizeof(text));
	node->align = strtoull(text, NULL, 10);
	return true;
}

/**
 * node_find - the device node of an attached namespace
 * @namespace: such as namespace0.0
 * @node: filled in
 *
 * For libpmem2 it is not below the namespace, but as daxX.Y of namespaceX.Y below the
 * idle dax device that claims it; it is gone where that is gone. Which one that is
 * could be read, but not while the namespace is being unbound, which may take long.
 *
 * Return: is there one?
 */
bool node_find(const char *namespace, struct node *node)
{
	size_t prefix = strlen("namespace");
	char path[PATH_MAX], name[NODE_NAME];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	if (!config_is_namespace(namespace))
		return false;
	if (read_node(namespace, namespace, node))
		return true;
	snprintf(name, sizeof(name), "dax%.32s", namespace + prefix);
	dir = opendir(path_of(path, DEVICES));
	while (dir && !found && (entry = readdir(dir)))
		found = !strncmp(entry->d_name, "dax", 3) &&
			read_node(entry->d_name, name, node);
	if (dir)
		closedir(dir);
	return found;
}
