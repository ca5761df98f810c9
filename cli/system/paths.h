/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of the kernel and of the system. ALTMAPCTL_SYSROOT, for tests only, is put
 * before them: what libndctl reads is not moved by it.
 */
#ifndef ALTMAPCTL_PATHS_H
#define ALTMAPCTL_PATHS_H

#include <limits.h>
#include <stddef.h>

#define PATH_DEBUGFS "/sys/kernel/debug"
#define PATH_MODULE PATH_DEBUGFS "/pmem_altmap"
#define PATH_PROVIDERS PATH_MODULE "/providers"
#define PATH_DRIVER "/sys/bus/nd/drivers/pmem_altmap"
#define PATH_CONFIG "/etc/pmem-altmap.conf.d"
#define PATH_RUN "/run/altmapctl"

const char *path_root(void);
__attribute__((format(printf, 2, 3))) const char *path_of(char path[PATH_MAX],
							  const char *fmt, ...);
int path_read(const char *path, char *text, size_t size);
char *path_read_all(const char *path, size_t *length);
int path_write(const char *path, const char *text);

#endif /* ALTMAPCTL_PATHS_H */
