// SPDX-License-Identifier: GPL-2.0-only
/* Checks of the module: whether it is installed, may be loaded, and can be asked. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/doctor.h"
#include "module/driver.h"
#include "module/kept.h"
#include "system/machine.h"
#include "system/paths.h"

static const char signature[] = "~Module signature appended~\n";

/* A line is "PATH: PATHS IT DEPENDS ON", and other modules depend on ours */
static bool is_our_file(const char *line, size_t length)
{
	const char name[] = "/pmem_altmap.ko";
	const char *at = memmem(line, length, name, strlen(name));

	return at && !memchr(at + 1, '/', line + length - at - 1);
}

/* The module's file for the running kernel, by what depmod found; or an empty string */
static void module_file(char path[PATH_MAX])
{
	char *text, *line;
	size_t length = 0;

	text = path_read_all(path_of(path, "/lib/modules/%s/modules.dep",
				     machine_release()),
			     NULL);
	path[0] = '\0';
	for (line = text; line && *line; line += length) {
		length = strcspn(line, ":\n");
		if (is_our_file(line, length)) {
			line[length] = '\0';
			if (*line == '/')
				path_of(path, "%s", line);
			else
				path_of(path, "/lib/modules/%s/%s",
					machine_release(), line);
			break;
		}
		length = strcspn(line, "\n");
		length += line[length] == '\n';
	}
	free(text);
}

void check_headers(struct finding *finding)
{
	char path[PATH_MAX], module[PATH_MAX];

	path_of(path, "/lib/modules/%s/build/Makefile", machine_release());
	if (!access(path, F_OK)) {
		found(finding, VERDICT_OK, "of %s are there",
		      machine_release());
		return;
	}
	module_file(module);
	found(finding, *module || driver_loaded() ? VERDICT_WARN : VERDICT_FAIL,
	      "of %s are missing, the module cannot be built",
	      machine_release());
	remedy(finding,
	       "apt install linux-headers-%s, or your distribution's kernel-devel",
	       machine_release());
}

void check_built(struct finding *finding)
{
	char path[PATH_MAX];

	module_file(path);
	if (*path && !access(path, R_OK)) {
		found(finding, VERDICT_OK, "%.200s", path);
		return;
	}
	found(finding, driver_loaded() ? VERDICT_WARN : VERDICT_FAIL,
	      "not installed for %s", machine_release());
	remedy(finding,
	       "dkms install pmem_altmap/VERSION, or 'make install' in its sources");
}

static bool enforced(void)
{
	char path[PATH_MAX], text[128];

	if (!path_read(path_of(path,
			       "/sys/module/module/parameters/sig_enforce"),
		       text, sizeof(text)) &&
	    *text == 'Y')
		return true;
	return !path_read(path_of(path, "/sys/kernel/security/lockdown"), text,
			  sizeof(text)) &&
	       !strstr(text, "[none]");
}

static bool has_signature(const char *path)
{
	size_t length, n = sizeof(signature) - 1;
	char *file = path_read_all(path, &length);
	bool has =
		file && length > n && !memcmp(file + length - n, signature, n);

	free(file);
	return has;
}

/* The variable has 4 bytes of attributes, and then a 1 if Secure Boot is on */
static bool has_secure_boot(void)
{
	char path[PATH_MAX], *text;
	size_t length;
	bool on;

	path_of(path,
		"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");
	text = path_read_all(path, &length);
	on = text && length == 5 && text[4] == 1;
	free(text);
	return on;
}

static bool is_tainted(char letter)
{
	char path[PATH_MAX], text[32];

	return !path_read(path_of(path, "/sys/module/pmem_altmap/taint"), text,
			  sizeof(text)) &&
	       strchr(text, letter);
}

/* The module is not loaded, and the kernel asks for no signature now */
static void check_unasked(const char *path, struct finding *finding)
{
	const char *now =
		has_secure_boot() ?
			"this kernel asks for no signature, though Secure Boot is on" :
			"this kernel asks for no signature";

	if (*path && has_signature(path))
		found(finding, VERDICT_OK,
		      "%s; this module has one, whose key a kernel that asks would have to know",
		      now);
	else
		found(finding, VERDICT_OK,
		      "%s; under lockdown, to which Secure Boot leads in most distributions, it would",
		      now);
}

/* Whether the kernel knows the key of a signature is seen only when the module is loaded */
void check_signed(struct finding *finding)
{
	char path[PATH_MAX];

	module_file(path);
	if (driver_loaded()) {
		found(finding, VERDICT_OK, "the kernel has taken it%s",
		      is_tainted('E') ? ", without a signature that it knows" :
					"");
	} else if (!enforced()) {
		check_unasked(path, finding);
	} else if (!*path) {
		found(finding, VERDICT_FAIL,
		      "this kernel wants a signed module, and there is none");
		remedy(finding,
		       "install it, and see your distribution's notes on DKMS and machine owner keys");
	} else if (strcmp(path + strlen(path) - 3, ".ko")) {
		found(finding, VERDICT_WARN,
		      "this kernel wants a signed module, and this one is compressed");
		remedy(finding, "see 'modinfo -F signer pmem_altmap'");
	} else if (has_signature(path)) {
		found(finding, VERDICT_WARN,
		      "it has a signature; whether this kernel knows the key cannot be told before it is loaded");
		remedy(finding,
		       "if modprobe says that the key was rejected, enrol it: mokutil --import, then reboot");
	} else {
		found(finding, VERDICT_FAIL,
		      "this kernel wants a signed module, and this one is not");
		remedy(finding,
		       "sign it with a key that is enrolled: mokutil --import, see your distribution's notes on DKMS");
	}
}

void check_loaded(struct finding *finding)
{
	char path[PATH_MAX], version[64];

	if (!driver_loaded()) {
		module_file(path);
		found(finding, *path ? VERDICT_WARN : VERDICT_FAIL, "no%s",
		      *path ? ", attaching loads it" : "");
		remedy(finding,
		       "modprobe pmem_altmap; the last lines of dmesg say why it fails");
		return;
	}
	if (path_read(path_of(path, "/sys/module/pmem_altmap/version"), version,
		      sizeof(version)))
		strcpy(version, "unknown");
	if (!strcmp(version, ALTMAPCTL_VERSION)) {
		found(finding, VERDICT_OK, "version %s", version);
		return;
	}
	found(finding, VERDICT_WARN,
	      "version %s, but altmapctl is " ALTMAPCTL_VERSION, version);
	remedy(finding,
	       "install both from one version, then reload the module");
}

struct kept_found {
	unsigned int n;
	struct kept first;
};

static int count_kept(const struct kept *kept, void *data)
{
	struct kept_found *kept_found = data;

	if (!kept_found->n++)
		kept_found->first = *kept;
	return 0;
}

void check_kept(struct finding *finding)
{
	struct kept_found all = { 0 };
	char path[PATH_MAX];

	if (access(path_of(path, PATH_MODULE), R_OK | X_OK)) {
		found(finding, VERDICT_OK,
		      "%s cannot be read, so this is not known", path);
		return;
	}
	if (kept_each(count_kept, &all)) {
		found(finding, VERDICT_WARN, "%s/kept cannot be read", path);
	} else if (!all.n) {
		found(finding, VERDICT_OK,
		      "the kernel has kept no part of a range");
	} else {
		found(finding, VERDICT_FAIL,
		      "the kernel has kept a part of %u range%s, of %s (%llu altmap pages)%s",
		      all.n, all.n == 1 ? "" : "s", all.first.device,
		      all.first.alloc, all.n == 1 ? "" : " and others");
		remedy(finding,
		       "do not use it before a reboot; until then its memory region stays requested");
	}
}

void check_debugfs(struct finding *finding)
{
	char path[PATH_MAX];

	if (!access(path_of(path, PATH_PROVIDERS), R_OK | X_OK)) {
		found(finding, VERDICT_OK, "%s can be read", path);
	} else if (errno == EACCES || errno == EPERM) {
		found(finding, VERDICT_WARN, "%s can be read by root only",
		      path);
		remedy(finding, "run this as root");
	} else if (!driver_loaded()) {
		found(finding, VERDICT_WARN, "%s comes with the module", path);
		remedy(finding, "modprobe pmem_altmap");
	} else {
		found(finding, VERDICT_FAIL, "%s is missing", path);
		remedy(finding, "mount -t debugfs debugfs " PATH_DEBUGFS
				"; if that fails, boot without debugfs=off");
	}
}
