/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For daxrace: the namespaces that are there just now, by name, and the driver's files.
 * Of the two, the one with pages of 4 KiB is the second, whatever its name.
 */
#ifndef RACESPACES_H
#define RACESPACES_H

#include <stdbool.h>
#include <stdlib.h>

#define DRIVER "/sys/bus/nd/drivers/pmem_altmap/"
#define DEVICES "/sys/bus/nd/devices"
#define DEBUGFS "/sys/kernel/debug/pmem_altmap"

extern unsigned int seed;

static inline unsigned int pick(unsigned int n)
{
	return rand_r(&seed) % n;
}

const char *some_space(void);
int space_of(const char *name);
int any_attached(void);
bool is_quiesced(const char *name);
bool put_at(const char *path, const char *text);
bool put_driver(const char *file, const char *text);
void wait_probe(void);
bool is_of_stock(const char *name);
bool release_of_stock(const char *name);

#endif /* RACESPACES_H */
