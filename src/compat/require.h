/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The options that the kernel must have. A build for a kernel that lacks one stops here, with a
 * sentence that names the option.
 */
#ifndef PMA_COMPAT_REQUIRE_H
#define PMA_COMPAT_REQUIRE_H

#include <linux/kconfig.h>

#ifndef CONFIG_X86_64
#error "pmem_altmap knows how the memmap is populated on x86_64 only: build it for an x86_64 kernel"
#endif
#ifndef CONFIG_ZONE_DEVICE
#error "pmem_altmap needs CONFIG_ZONE_DEVICE=y: build it for a kernel that has it"
#endif
#ifndef CONFIG_SPARSEMEM_VMEMMAP
#error "pmem_altmap needs CONFIG_SPARSEMEM_VMEMMAP=y: build it for a kernel that has it"
#endif
#ifndef CONFIG_MEMORY_HOTREMOVE
#error "pmem_altmap needs CONFIG_MEMORY_HOTREMOVE=y: build it for a kernel that has it"
#endif
#if !IS_ENABLED(CONFIG_LIBNVDIMM)
#error "pmem_altmap needs CONFIG_LIBNVDIMM=m or y: build it for a kernel that has it"
#endif
#ifndef CONFIG_DEBUG_FS
#error "pmem_altmap needs CONFIG_DEBUG_FS=y: build it for a kernel that has it"
#endif
#ifndef CONFIG_FS_DAX
#error "pmem_altmap needs CONFIG_FS_DAX=y: build it for a kernel that has it"
#endif

#endif /* PMA_COMPAT_REQUIRE_H */
