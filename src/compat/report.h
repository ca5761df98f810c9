/* SPDX-License-Identifier: GPL-2.0-only */
/* For main.c: what this module does on newer kernels and cannot do on this one. */
#ifndef PMA_COMPAT_REPORT_H
#define PMA_COMPAT_REPORT_H

#include <linux/printk.h>

#include "config.h"

static inline void pma_report_lacks(void)
{
#ifndef PMA_HAVE_VMEMMAP_SHIFT
	pr_info("this kernel makes no compound pages of device memory (v5.17 does): a pin of a 2 MiB or 1 GiB page costs a reference for each 4 KiB of it\n");
#endif
#ifdef PMA_HAVE_PAGEMAP_REF_POINTER
	pr_info("this kernel cannot be asked for every pagemap while one is being removed (v5.18 can): there are no altmaps, altmaps_json and summary in debugfs\n");
#endif
}

#endif /* PMA_COMPAT_REPORT_H */
