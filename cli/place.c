// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <stdlib.h>

#include "config.h"
#include "paths.h"
#include "place.h"

/* The last part of a path, which is cut off */
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
 * By where its device is in sysfs: libndctl reads attributes for which the kernel takes the
 * device's lock, which who detaches a namespace has for as long as a page of it is held.
 *
 * Return: is it known?
 */
bool place_find(const char *namespace, struct place *place)
{
	char path[PATH_MAX], real[PATH_MAX];

	if (!config_is_namespace(namespace))
		return false;
	path_of(path, "/sys/bus/nd/devices/%s", namespace);
	if (!realpath(path, real))
		return false;
	take_last(real, place->name);
	take_last(real, place->region);
	take_last(real, place->bus);
	if (strncmp(place->region, "region", 6) ||
	    strncmp(place->bus, "ndbus", 5))
		return false;
	path_of(path, "/sys/bus/nd/devices/%s/provider", place->bus);
	return !path_read(path, place->provider, sizeof(place->provider));
}
