// SPDX-License-Identifier: GPL-2.0-only
/* Checks of the kernel that runs: how it was built, and what it allows. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor/doctor.h"
#include "module/driver.h"
#include "system/machine.h"
#include "system/namespace.h"
#include "system/paths.h"

/* The options without which the module cannot be built */
static const char *const wanted[] = {
	"ZONE_DEVICE", "SPARSEMEM_VMEMMAP", "MEMORY_HOTREMOVE", "LIBNVDIMM",
	"FS_DAX",      "DEBUG_FS",
};

static char *read_config(const char *release)
{
	static const char *const places[] = {
		"/boot/config-%s",
		"/lib/modules/%s/config",
		"/lib/modules/%s/build/.config",
	};
	char path[PATH_MAX], format[PATH_MAX], *text = NULL;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]) && !text; i++) {
		const char *hole = strstr(places[i], "%s");

		snprintf(format, sizeof(format), "%.*s%s%s",
			 (int)(hole - places[i]), places[i], release, hole + 2);
		text = path_read_all(path_of(path, "%s", format), NULL);
	}
	return text;
}

static bool is_set(const char *config, const char *option)
{
	char line[64];

	snprintf(line, sizeof(line), "\nCONFIG_%s=", option);
	return strstr(config, line);
}

/* A distribution may have backported what is needed: a module that is loaded may work */
static bool too_old(const char *release, struct finding *finding)
{
	unsigned int major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) != 2 || major > 5 ||
	    (major == 5 && minor >= 10))
		return false;
	found(finding, driver_loaded() ? VERDICT_WARN : VERDICT_FAIL,
	      "%s is not supported, it is older than 5.10", release);
	remedy(finding, "boot a newer kernel: 5.10 to 7.3 are tested");
	return true;
}

void check_kernel(struct finding *finding)
{
	const char *release = machine_release();
	struct utsname name;
	char *config;
	size_t i;

	uname(&name);
	if (strcmp(name.machine, "x86_64")) {
		found(finding, VERDICT_FAIL, "%s is not x86_64", name.machine);
		remedy(finding,
		       "only x86_64 is supported: plan a SIZE here, and attach there");
		return;
	}
	if (too_old(release, finding))
		return;
	config = read_config(release);
	if (!config) {
		found(finding, VERDICT_WARN,
		      "%s: its options cannot be read, no config file is there",
		      release);
		remedy(finding,
		       "install the kernel's headers or its config in /boot");
		return;
	}
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (is_set(config, wanted[i]))
			continue;
		found(finding, VERDICT_FAIL, "%s was built without CONFIG_%s",
		      release, wanted[i]);
		remedy(finding, "boot a distribution's kernel that has it");
		free(config);
		return;
	}
	if (!is_set(config, "TRANSPARENT_HUGEPAGE")) {
		found(finding, VERDICT_WARN,
		      "%s has no huge faults, only namespaces with --align=4K can be attached",
		      release);
		remedy(finding,
		       "boot a kernel with CONFIG_TRANSPARENT_HUGEPAGE for others");
	} else {
		found(finding, VERDICT_OK, "%s has all that is needed",
		      release);
	}
	free(config);
}

/* "none [integrity] confidentiality" */
void check_lockdown(struct finding *finding)
{
	char path[PATH_MAX], text[128], *from, *end;

	path_of(path, "/sys/kernel/security/lockdown");
	if (path_read(path, text, sizeof(text))) {
		found(finding, VERDICT_OK,
		      "this kernel has none, or securityfs is not mounted");
		return;
	}
	from = strchr(text, '[');
	end = from ? strchr(from, ']') : NULL;
	if (!end) {
		found(finding, VERDICT_WARN, "%s cannot be understood: %.64s",
		      path, text);
		return;
	}
	*end = '\0';
	from++;
	if (!strcmp(from, "none")) {
		found(finding, VERDICT_OK, "none");
		return;
	}
	found(finding, VERDICT_WARN,
	      "%s: only signed modules load, and the info block of a disabled namespace cannot be planned",
	      from);
	remedy(finding,
	       "sign the module with a machine owner key, see your distribution's notes on DKMS");
}

void check_kdump(struct finding *finding)
{
	struct pma_refusal why;

	if (machine_check_kdump(&why)) {
		found(finding, VERDICT_FAIL, "%.100s", why.text);
		remedy(finding, "attach after the reboot");
	} else {
		found(finding, VERDICT_OK, "this is not the kernel of a dump");
	}
}

void check_stock(struct finding *finding)
{
	char path[PATH_MAX];

	if (access(path_of(path, "/sys/bus/nd"), F_OK)) {
		found(finding, VERDICT_WARN,
		      "libnvdimm is not loaded: there is no persistent memory that it knows");
		remedy(finding,
		       "load the bus's driver: modprobe nfit, or nd_e820 for memmap=nn!ss");
	} else if (access(path_of(path, "/sys/bus/nd/drivers/dax_pmem"),
			  F_OK) &&
		   access(path_of(path, "/sys/bus/nd/drivers/dax_pmem_compat"),
			  F_OK)) {
		found(finding, VERDICT_WARN,
		      "device-dax is not loaded: a detached namespace stays without a driver");
		remedy(finding, "modprobe -a dax_pmem device_dax");
	} else {
		found(finding, VERDICT_OK,
		      "libnvdimm and device-dax are there");
	}
}

/* libndctl is not asked, since it waits while another process detaches */
static int count_namespaces(void)
{
	char path[PATH_MAX], size[32];
	struct dirent *entry;
	int n = 0;
	DIR *dir;

	dir = opendir(path_of(path, "/sys/bus/nd/devices"));
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		if (!name_is_namespace(entry->d_name))
			continue;
		path_of(path, "/sys/bus/nd/devices/%s/size", entry->d_name);
		n += !path_read(path, size, sizeof(size)) && strcmp(size, "0");
	}
	closedir(dir);
	return n;
}

void check_namespaces(struct finding *finding)
{
	int n = count_namespaces();

	if (n) {
		found(finding, VERDICT_OK, "%d", n);
		return;
	}
	found(finding, VERDICT_WARN, "none");
	remedy(finding,
	       "ndctl create-namespace --mode=devdax --map=dev, see 'ndctl list -BRNi'");
}
