/* SPDX-License-Identifier: GPL-2.0-only */
/* For unit tests: a folder with what altmapctl reads of a machine. */
#ifndef SYSROOT_H
#define SYSROOT_H

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#define PROVIDER "/sys/kernel/debug/pmem_altmap/providers/namespace0.0"
#define NODE "/sys/bus/nd/devices/namespace0.0/dax/namespace0.0"

static char sysroot[] = "/tmp/altmapctl.XXXXXX";

static inline int sysroot_make(void **state)
{
	(void)state;
	strcpy(sysroot + strlen(sysroot) - 6, "XXXXXX");
	if (!mkdtemp(sysroot))
		return -1;
	return setenv("ALTMAPCTL_SYSROOT", sysroot, 1);
}

static inline int sysroot_remove(void **state)
{
	char command[PATH_MAX];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", sysroot);
	return system(command);
}

static inline const char *sysroot_path(const char *path)
{
	static char full[PATH_MAX + sizeof(sysroot)];

	snprintf(full, sizeof(full), "%s%s", sysroot, path);
	return full;
}

/* A file with a text, and the folders that it is in */
static inline void sysroot_put(const char *path, const char *text)
{
	char *full = strdup(sysroot_path(path)), *slash;
	FILE *file;

	for (slash = full + strlen(sysroot) + 1; (slash = strchr(slash, '/'));
	     *slash++ = '/') {
		*slash = '\0';
		mkdir(full, 0755);
	}
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(full);
}

/* What the module shows of 254 MiB from 4 GiB + 2 MiB on, in units of 2 MiB */
static inline void sysroot_put_provider(void)
{
	static const char *const files[][2] = {
		{ "base_pfn", "1049088" },
		{ "end_pfn", "1114111" },
		{ "reserve", "2" },
		{ "free", "1534" },
		{ "align", "510" },
		{ "alloc", "512" },
		{ "offset", "1536" },
		{ "nr_free", "512" },
		{ "data_start", "4303355904" },
		{ "data_size", "260046848" },
		{ "dram_memmap", "2064384" },
		{ "attach_ns", "1" },
		{ "mappings", "0" },
		{ "pinned", "0" },
		{ "users", "0" },
		{ "state", "attached" },
	};
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), PROVIDER "/%s", files[i][0]);
		sysroot_put(path, files[i][1]);
	}
	sysroot_put(NODE "/dev", "511:0\n");
	sysroot_put(NODE "/align", "2097152\n");
}

#endif /* SYSROOT_H */
