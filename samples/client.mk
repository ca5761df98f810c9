# SPDX-License-Identifier: GPL-2.0-only
# For the Kbuild file of a module that uses pmem_altmap: where its header is, and its
# symbols for the kernel that is built for. In PMEM_ALTMAP, if it is set, there is a source
# tree in which 'make' was run for that kernel; else the package pmem-altmap-dev is meant, and
# what DKMS has built and installed.
ifneq ($(PMEM_ALTMAP),)
ccflags-y += -I$(PMEM_ALTMAP)/include
KBUILD_EXTRA_SYMBOLS += $(PMEM_ALTMAP)/Module.symvers
else
ccflags-y += -I/usr/include/pmem-altmap
KBUILD_EXTRA_SYMBOLS += /var/lib/dkms/pmem_altmap/kernel-$(KERNELRELEASE)-x86_64/Module.symvers
endif
