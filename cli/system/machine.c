// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "system/machine.h"
#include "system/paths.h"

/* Blocks of memory that are looked at in one range: 16 TiB, where a block has 128 MiB */
#define BLOCKS_MAX (1 << 17)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

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

/*
 * What stands behind the colon in the first line of /proc/cpuinfo that begins with @key, with
 * a blank at its end; or NULL. The caller frees it.
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
 * machine_x86 - the memory model of any x86_64 kernel with 64-byte struct pages
 * @mm: filled in
 */
void machine_x86(struct pma_memory_model *mm)
{
	*mm = (struct pma_memory_model){
		.page_size = 4096,
		.struct_page_size = 64,
		.section_size = 128ULL << 20,
		.map_align = 2ULL << 20,
		.vmemmap_block = 2ULL << 20,
		.aligns = 4096 | 2ULL << 20 | 1ULL << 30,
	};
}

/**
 * machine_model - what this machine does with a memmap
 * @mm: filled in
 *
 * The rules are those of pma_map_memory_model() in src/map/map.c. A struct page is assumed to
 * have 64 bytes; the module knows, and refuses where it has more.
 */
void machine_model(struct pma_memory_model *mm)
{
	char path[PATH_MAX], *flags;

	machine_x86(mm);
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

/* Counts the pages that the allocator has in the zones from which a memmap can come */
static bool zone_pages(u64 *pages)
{
	static const char *const zones[] = { "DMA", "DMA32", "Normal" };
	char path[PATH_MAX], zone[32] = "", *text, *line;
	bool found = false;
	u64 managed;
	size_t i;

	*pages = 0;
	text = path_read_all(path_of(path, "/proc/zoneinfo"), NULL);
	for (line = text ? strtok(text, "\n") : NULL; line;
	     line = strtok(NULL, "\n")) {
		if (sscanf(line, "Node %*d, zone %31s", zone) == 1 ||
		    sscanf(line, " managed %llu", &managed) != 1)
			continue;
		for (i = 0; i < ARRAY_SIZE(zones); i++)
			if (!strcmp(zone, zones[i]))
				*pages += managed;
		found = true;
	}
	free(text);
	return found;
}

static u64 read_number(const char *file, int base)
{
	char path[PATH_MAX], text[32];

	path_of(path, "/sys/devices/system/memory/%s", file);
	return path_read(path, text, sizeof(text)) ? 0 :
						     strtoull(text, NULL, base);
}

/* Is a block of memory in use, and elsewhere than in ZONE_MOVABLE? */
static bool is_unmovable(u64 block)
{
	char path[PATH_MAX], text[64];

	path_of(path, "/sys/devices/system/memory/memory%llu/state", block);
	if (path_read(path, text, sizeof(text)) || strcmp(text, "online"))
		return false;
	path_of(path, "/sys/devices/system/memory/memory%llu/valid_zones",
		block);
	return !path_read(path, text, sizeof(text)) && strcmp(text, "Movable");
}

/* How many bytes of a range of device memory are in the zones that zone_pages() counts? */
static u64 unmovable_bytes(u64 from, u64 to)
{
	u64 size = read_number("block_size_bytes", 16);
	u64 block, bytes = 0;

	if (!size || to < from)
		return 0;
	for (block = from / size;
	     block <= to / size && block - from / size < BLOCKS_MAX; block++)
		if (is_unmovable(block))
			bytes += size;
	return bytes;
}

/*
 * How many of those bytes are on devices? /proc/iomem tells: RAM that dax's kmem driver has
 * added has a name of its own, and CXL memory that the firmware had set up as RAM lies in a
 * window of CXL.
 */
static u64 device_ram(void)
{
	char path[PATH_MAX], *text, *line;
	u64 from, to, window_end = 0, bytes = 0;

	text = path_read_all(path_of(path, "/proc/iomem"), NULL);
	for (line = text ? strtok(text, "\n") : NULL; line;
	     line = strtok(NULL, "\n")) {
		if (sscanf(line, "%llx-%llx", &from, &to) != 2 || !to)
			continue;
		if (strstr(line, " : CXL Window "))
			window_end = to;
		if (strstr(line, " : System RAM (kmem)") ||
		    (strstr(line, " : System RAM") && to <= window_end))
			bytes += unmovable_bytes(from, to);
	}
	free(text);
	return bytes;
}

static u64 mem_total(void)
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

/**
 * machine_dram - bytes of DRAM that a memmap can come from, 0 if that cannot be read
 *
 * MemTotal includes device memory that is used as RAM. It is usually in ZONE_MOVABLE, from
 * which a memmap cannot come; and device memory in another zone is still no DRAM. So this is
 * what the zones below ZONE_MOVABLE have, less the device memory in them.
 *
 * Only root sees addresses in /proc/iomem. For other users, device memory in ZONE_NORMAL
 * counts as DRAM.
 */
u64 machine_dram(void)
{
	u64 pages, bytes, device;

	if (!zone_pages(&pages))
		return mem_total();
	bytes = pages * 4096;
	device = device_ram();
	return bytes > device ? bytes - device : 0;
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
