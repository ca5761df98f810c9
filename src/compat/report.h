/* SPDX-License-Identifier: GPL-2.0-only */
/* For main.c: says what this module can do on newer kernels only. */
#ifndef PMA_COMPAT_REPORT_H
#define PMA_COMPAT_REPORT_H

#include <linux/kconfig.h>
#include <linux/printk.h>

#include "config.h"

static inline void pma_report_lacks(void)
{
#ifndef PMA_HAVE_VMEMMAP_SHIFT
	pr_info("this kernel makes no compound pages of device memory (v5.17 does): a pin of a 2 MiB or 1 GiB page costs a reference for each 4 KiB of it\n");
#endif
#if defined(PMA_HAVE_VMEMMAP_SHIFT) && !defined(PMA_HAVE_VMEMMAP_CAN_OPTIMIZE)
	pr_info("this kernel does not tell whether compound pages share their memmap: memmap_dram of others in altmaps may be too large\n");
#endif
#ifndef CONFIG_TRANSPARENT_HUGEPAGE
	pr_info("this kernel has no huge pages of device memory (CONFIG_TRANSPARENT_HUGEPAGE): only namespaces with an align of 4 KiB can be attached\n");
#endif
#if IS_ENABLED(CONFIG_DEV_DAX_PMEM_COMPAT)
	pr_info("this kernel keeps the class dax for itself: device nodes are in /sys/class/pmem_altmap\n");
#endif
#ifdef PMA_HAVE_PAGEMAP_REF_POINTER
	pr_info("this kernel cannot be asked for every pagemap while one is being removed (v5.17 can): there are no altmaps, altmaps_json and summary in debugfs\n");
#endif
}

#endif /* PMA_COMPAT_REPORT_H */
