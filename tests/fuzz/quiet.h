/* SPDX-License-Identifier: GPL-2.0-only */
/* Before all else: printf() is the fuzzer's own, which shows nothing. */
#ifndef QUIET_H
#define QUIET_H

#include <stdio.h>

int fuzz_printf(const char *fmt, ...);

/* With arguments only, so that format(printf, ...) stays what it is */
#define printf(...) fuzz_printf(__VA_ARGS__)

#endif /* QUIET_H */
