/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the pure rooms (refusal, infoblock, layout) stand on, in the kernel and
 * in user space alike: fixed-width types, errno values and vsnprintf().
 */
#ifndef PMA_PURE_H
#define PMA_PURE_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;

#define __printf(a, b) __attribute__((format(printf, a, b)))
#endif

#endif /* PMA_PURE_H */
