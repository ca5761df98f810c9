/* SPDX-License-Identifier: GPL-2.0-only */
/* Which namespaces to attach at boot: /etc/pmem-altmap.conf.d/<name>.conf */
#ifndef ALTMAPCTL_CONFIG_H
#define ALTMAPCTL_CONFIG_H

#include <stddef.h>

#include "plan/refusal.h"

#define CONFIG_TEXT 64

/**
 * struct config_entry - one section [attach NAME]
 * @name: of the section
 * @namespace: such as namespace0.0, or "" if the section has a uuid
 * @uuid: of the namespace's label or info block in lower case, or ""
 * @line: the line of its file in which it begins
 */
struct config_entry {
	char name[CONFIG_TEXT];
	char namespace[CONFIG_TEXT];
	char uuid[CONFIG_TEXT];
	int line;
};

struct config {
	struct config_entry *entries;
	size_t n;
};

int config_parse(const char *text, struct config *config,
		 struct pma_refusal *why);
int config_read(const char *folder, bool wanted, struct config *config);
void config_free(struct config *config);

#endif /* ALTMAPCTL_CONFIG_H */
