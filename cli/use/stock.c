// SPDX-License-Identifier: GPL-2.0-only
/* Attaching takes a namespace from its users, so it is refused while there are any. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "output/text.h"
#include "system/paths.h"
#include "use/stock.h"
#include "use/users.h"

#define SHOWN 4

static const char *block_device(const struct nd_space *space)
{
	if (space->pfn)
		return ndctl_pfn_get_block_device(space->pfn);
	if (space->btt)
		return ndctl_btt_get_block_device(space->btt);
	if (!space->dax && *space->driver)
		return ndctl_namespace_get_block_device(space->ndns);
	return "";
}

/* Is @source the device itself, or one of its partitions? */
static bool is_of(const char *source, const char *device)
{
	size_t n = strlen(device);

	return !strncmp(source, "/dev/", 5) &&
	       !strncmp(source + 5, device, n) &&
	       (!source[5 + n] || source[5 + n] == 'p');
}

/*
 * Finds the first line about the device in one of the kernel's tables, and its first two
 * words. They are in @text, which the caller frees.
 */
static bool find_line(const char *table, const char *device,
		      struct refusals *refusals, char **text, char **source,
		      char **second)
{
	char path[PATH_MAX], *line, *rest;

	*text = path_read_all(path_of(path, "%s", table), NULL);
	/* Only a kernel without swap has no such table */
	if (!*text && errno != ENOENT)
		pma_refuse(
			refusals_add(refusals), -errno,
			"%s cannot be read (%s), so nobody knows whether /dev/%s is in use: run this as root, with /proc mounted",
			path, strerror(errno), device);
	for (line = *text ? strtok_r(*text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		*source = strtok(line, " \t");
		*second = strtok(NULL, " \t");
		if (!*source || !*second)
			continue;
		text_unoctal(*source);
		text_unoctal(*second);
		if (is_of(*source, device))
			return true;
	}
	return false;
}

static void check_mounts(const char *device, struct refusals *refusals)
{
	char *text, *source, *where;

	if (find_line("/proc/self/mounts", device, refusals, &text, &source,
		      &where))
		pma_refuse(refusals_add(refusals), -EBUSY,
			   "is mounted: %s at %.128s%s: unmount it first",
			   source, where, strlen(where) > 128 ? "..." : "");
	free(text);
}

static void check_swaps(const char *device, struct refusals *refusals)
{
	char *text, *source, *type;

	if (find_line("/proc/swaps", device, refusals, &text, &source, &type))
		pma_refuse(refusals_add(refusals), -EBUSY,
			   "is swap: run 'swapoff %s' first", source);
	free(text);
}

/* Device mapper and md hold a disk without mounting it */
static void check_holders(const char *device, struct refusals *refusals)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	dir = opendir(path_of(path, "/sys/class/block/%s/holders", device));
	if (!dir && errno != ENOENT)
		pma_refuse(
			refusals_add(refusals), -errno,
			"%s cannot be read (%s), so nobody knows what /dev/%s is a part of: run this as root",
			path, strerror(errno), device);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		pma_refuse(refusals_add(refusals), -EBUSY,
			   "%s is part of %.64s: take it out of that first",
			   device, entry->d_name);
		break;
	}
	closedir(dir);
}

static void check_device_dax(const struct nd_space *space,
			     struct refusals *refusals)
{
	struct daxctl_dev *dev = nd_daxdev(space);
	struct daxctl_memory *memory;
	struct user users[SHOWN];
	char text[256];
	int blind;
	size_t n;

	if (!dev || !ndctl_dax_is_enabled(space->dax))
		return;
	memory = daxctl_dev_get_memory(dev);
	if (memory) {
		pma_refuse(
			refusals_add(refusals), -EBUSY,
			"is System RAM now (%s): run 'daxctl reconfigure-device --mode=devdax %s' first",
			daxctl_dev_get_devname(dev),
			daxctl_dev_get_devname(dev));
		return;
	}
	n = users_find(makedev(daxctl_dev_get_major(dev),
			       daxctl_dev_get_minor(dev)),
		       users, SHOWN, &blind);
	/* The stock driver counts no users. Without root, nothing is attached anyway */
	if (!n && blind && !geteuid())
		pma_refuse(
			refusals_add(refusals), -EACCES,
			"the users of /dev/%s cannot be seen in /proc: run this as root with all capabilities (CAP_SYS_PTRACE, CAP_SYS_ADMIN)",
			daxctl_dev_get_devname(dev));
	if (!n)
		return;
	users_print(users, n, SHOWN, text, sizeof(text));
	pma_refuse(refusals_add(refusals), -EBUSY,
		   "/dev/%s is in use by %s: end that first",
		   daxctl_dev_get_devname(dev), text);
}

/* The same check as the module's pma_region_check() */
static void check_region(const struct nd_space *space,
			 struct refusals *refusals)
{
	struct ndctl_region *region = ndctl_namespace_get_region(space->ndns);

	if (ndctl_region_get_ro(region) > 0)
		pma_refuse(
			refusals_add(refusals), -EROFS,
			"%s is read-only, its stores may not outlast the power: see 'ndctl list -DRH', and write 0 to its read_only in sysfs only if that is known to be wrong",
			ndctl_region_get_devname(region));
}

/* The same checks as the module's check_namespace() */
static void check_claims(const struct nd_space *space,
			 struct refusals *refusals)
{
	enum ndctl_namespace_mode mode =
		ndctl_namespace_get_enforce_mode(space->ndns);

	if (mode == NDCTL_NS_MODE_FSDAX || mode == NDCTL_NS_MODE_SECTOR)
		pma_refuse(
			refusals_add(refusals), -EOPNOTSUPP,
			"its label reserves it for %s: create it anew with 'ndctl create-namespace -f -e %s --mode=devdax --map=dev'",
			mode == NDCTL_NS_MODE_FSDAX ? "fsdax" : "sector",
			space->name);
	if (ndctl_namespace_get_raw_mode(space->ndns) > 0)
		pma_refuse(
			refusals_add(refusals), -EBUSY,
			"forced to raw mode: write 0 to its force_raw in sysfs first");
}

/**
 * stock_check_uses - add the refusals of a namespace that is in use or reserved
 * @space: a namespace that is not attached
 * @refusals: to which they are added
 */
void stock_check_uses(const struct nd_space *space, struct refusals *refusals)
{
	const char *device = block_device(space);

	check_claims(space, refusals);
	check_region(space, refusals);
	check_device_dax(space, refusals);
	if (!device || !*device)
		return;
	check_mounts(device, refusals);
	check_swaps(device, refusals);
	check_holders(device, refusals);
}
