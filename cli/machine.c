// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "forecast.h"
#include "machine.h"
#include "paths.h"

/**
 * machine_release - the kernel that runs, as "uname -r" has it
 */
const char *machine_release(void)
{
	static struct utsname name;
	char path[PATH_MAX];

	path_of(path, "/proc/sys/kernel/osrelease");
	if (path_read(path, name.release, sizeof(name.release)))
		uname(&name);
	return name.release;
}

/* The rest of the first line of /proc/cpuinfo that begins with @key, with a blank
 * behind it, or NULL
 */
static char *cpuinfo(const char *key)
{
	char path[PATH_MAX], *text, *line, *value = NULL;

	text = path_read_all(path_of(path, "/proc/cpuinfo"), NULL);
	if (!text)
		return NULL;
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *colon = strchr(line, ':');

		if (strncmp(line, key, strlen(key)) || !colon)
			continue;
		if (asprintf(&value, "%s ", colon + 1) < 0)
			value = NULL;
		break;
	}
	free(text);
	return value;
}

/**
 * machine_model - what this machine does with a memmap
 * @mm: filled in
 *
 * The same rules as pma_map_memory_model() in src/map/map.c. The struct page is taken to
 * have 64 bytes: the module knows better, and refuses where it has not.
 */
void machine_model(struct pma_memory_model *mm)
{
	char path[PATH_MAX], *flags;

	forecast_x86(mm);
	flags = cpuinfo("flags");
	path_of(path, "/sys/kernel/mm/transparent_hugepage");
	if (access(path, F_OK))
		mm->aligns = 4096;
	if (flags && !strstr(flags, " pse "))
		mm->aligns &= ~(2ULL << 20);
	if (flags && !strstr(flags, " pdpe1gb "))
		mm->aligns &= ~(1ULL << 30);
	free(flags);
}

/**
 * machine_dram - bytes of DRAM that the kernel has, 0 if that cannot be read
 */
u64 machine_dram(void)
{
	char path[PATH_MAX], *text, *line;
	u64 kib = 0;

	text = path_read_all(path_of(path, "/proc/meminfo"), NULL);
	line = text ? strstr(text, "MemTotal:") : NULL;
	if (line)
		kib = strtoull(line + strlen("MemTotal:"), NULL, 10);
	free(text);
	return kib << 10;
}

static int check_ram(u64 start, u64 size, struct pma_refusal *why)
{
	char path[PATH_MAX], *text, *line;
	u64 from, to;
	int rc = 0;

	text = path_read_all(path_of(path, "/proc/iomem"), NULL);
	if (!text)
		return 0;
	for (line = strtok(text, "\n"); line && !rc;
	     line = strtok(NULL, "\n")) {
		if (!strstr(line, ": System RAM") ||
		    sscanf(line, "%llx-%llx", &from, &to) != 2)
			continue;
		if (to && from < start + size && to >= start)
			rc = pma_refuse(
				why, -EBUSY,
				"its range [%#llx-%#llx] overlaps System RAM [%#llx-%#llx]: see /proc/iomem",
				start, start + size - 1, from, to);
	}
	free(text);
	return rc;
}

/**
 * machine_check_range - could a range be added as memory here?
 * @start: physical address
 * @size: bytes
 * @why: filled in on refusal
 *
 * The module knows the kernel's own limits, which may be lower than the CPU's.
 *
 * Return: 0, -EBUSY or -ERANGE.
 */
int machine_check_range(u64 start, u64 size, struct pma_refusal *why)
{
	char *sizes = cpuinfo("address sizes");
	int bits = sizes ? atoi(sizes) : 0;

	free(sizes);
	if (bits > 0 && bits < 52 && (start + size - 1) >> bits)
		return pma_refuse(
			why, -ERANGE,
			"its end %#llx is beyond the CPU's %d bits of physical addresses",
			start + size - 1, bits);
	return check_ram(start, size, why);
}

/**
 * machine_check_kdump - is this the kernel that writes a dump?
 * @why: filled in on refusal
 *
 * Return: 0 or -EPERM.
 */
int machine_check_kdump(struct pma_refusal *why)
{
	char path[PATH_MAX];

	if (access(path_of(path, "/proc/vmcore"), F_OK))
		return 0;
	return pma_refuse(
		why, -EPERM,
		"this is a kdump kernel: the memmap on the device is part of the dump: attach after the reboot");
}
