/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the pure rooms (refusal, infoblock, layout, cut) stand on, in the kernel and
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
#include <stdio.h>
#include <string.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

/* The kernel's build checks the formats */
#define __printf(a, b)
#endif

#endif /* PMA_PURE_H */
