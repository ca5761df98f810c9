/* SPDX-License-Identifier: GPL-2.0-only */
/* A namespace in a guest: its memory while nobody has it, and what drivers say of it. */
#ifndef BLOCKDEV_H
#define BLOCKDEV_H

#include <stddef.h>

#include "blockrules.h"

/**
 * struct words - what the kernel's log says of a namespace
 * @refusals: "not attached" lines
 * @attached: "attached" lines
 * @others: other lines of the module
 * @error: of the last refusal
 * @line: the last line of the module
 */
struct words {
	int refusals, attached, others;
	int error;
	char line[512];
};

void space_find(const char *name, struct space *space);
void memory_copy(u64 address, void *bytes, size_t size, int write);
int file_write(const char *path, const char *text);
int file_read(const char *path, char *text, size_t size);
u64 counter(const char *space, const char *name);
int is_anything_attached(void);
void log_open(void);
void log_hear(const char *space, struct words *words);
void log_skip(void);

int stock_attach(const struct space *space, u64 *start, u64 *size);
void stock_detach(const struct space *space);

#endif /* BLOCKDEV_H */
