# SPDX-License-Identifier: GPL-2.0-only
# For people; Kbuild is for the kernel's build system.

KDIR ?= /lib/modules/$(shell uname -r)/build
FUZZ_SECONDS ?= 60

# As dkms does: a kernel built with clang wants its modules built with it, too
LLVM ?= $(if $(shell grep -s '^CONFIG_CC_IS_CLANG=y' $(KDIR)/.config),1)
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) $(if $(LLVM),LLVM=$(LLVM))
release = $(shell cat $(KDIR)/include/config/kernel.release)
modules_dir = $(INSTALL_MOD_PATH)/lib/modules/$(release)
# Header packages say that modules are signed, but have no key to do it
nosign = $(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)

.PHONY: all modules install uninstall cli install-cli uninstall-cli clean clean-cache demo check check-all \
	check-unit check-cli check-static check-vm check-packages check-debug check-distro \
	check-power deb rpm transcript api-doc bench debug-kernel list-kernels fuzz \
	fuzz-corpus help

all: modules

modules:
	@[ -e $(KDIR)/Makefile ] || { \
		echo "no kernel headers in $(KDIR): install them (on Debian: apt install linux-headers-$$(uname -r)), or name others with 'make KDIR=DIR'" >&2; \
		exit 1; }
	$(kbuild) modules

install: modules
	$(kbuild) $(nosign) modules_install
	depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) $(release)
	@echo "pmem_altmap is installed and not loaded: 'modprobe pmem_altmap' does that"

# What is in extra may be DKMS's
folders = updates $(if $(wildcard $(INSTALL_MOD_PATH)/var/lib/dkms/pmem_altmap/kernel-$(release)-*),,extra)
installed = $(wildcard $(folders:%=$(modules_dir)/%/pmem_altmap.ko*))

uninstall:
	@[ "$(installed)" ] || { \
		echo "'make install' has put nothing into $(modules_dir) that is there: name the headers of its kernel with 'make uninstall KDIR=DIR'" >&2; \
		exit 1; }
	rm -v $(installed)
	depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) $(release)

cli:
	$(MAKE) -C cli O=$(CURDIR)/build/cli

install-cli: cli
	$(MAKE) -C cli O=$(CURDIR)/build/cli install

uninstall-cli:
	$(MAKE) -C cli O=$(CURDIR)/build/cli uninstall

clean:
	@if [ -d $(KDIR) ]; then $(kbuild) clean; fi
	rm -rf $(CURDIR)/build

clean-cache:
	tests/clean-cache.sh

demo:
	tests/vm/demo.sh $(or $(KERNEL),6.1)

check:
	tests/check.sh unit cli fuzz static vm packages

check-all:
	PMA_ALL=1 FUZZ_SECONDS=$(FUZZ_SECONDS) tests/check.sh unit cli fuzz static vm packages distro

check-unit:
	tests/check.sh unit

check-cli:
	tests/check.sh cli

check-static:
	tests/check.sh static

check-vm:
	KERNEL='$(KERNEL)' TEST='$(TEST)' tests/check.sh vm

check-packages:
	tests/check.sh packages

PARTS ?= debug races executions blocks calls power rounds coverage

check-debug:
	KERNEL='$(KERNEL)' TEST='$(TEST)' tests/check.sh $(PARTS)

check-distro:
	SUITE='$(SUITE)' TEST='$(TEST)' tests/check.sh distro

check-power:
	KERNEL='$(or $(KERNEL),6.1)' tests/debug/power.sh $(CUTS)

deb:
	tests/pkg/deb.sh build/packages

rpm:
	tests/pkg/rpm.sh build/packages

transcript:
	PMA_TRANSCRIPT=1 KERNEL=7.3 TEST=cli_transcript tests/check.sh vm

api-doc:
	tests/static/api-doc.sh 6.1 >docs/api.rst.new
	mv docs/api.rst.new docs/api.rst

bench:
	KERNEL='$(KERNEL)' tests/bench/run.sh $(ROWS)

debug-kernel:
	tests/vm/root.sh $(or $(KERNEL),6.12-debug)

list-kernels:
	@sed '1,2d; s/^# //' tests/vm/kernels

fuzz:
	FUZZ_RUNS='$(FUZZ_RUNS)' tests/fuzz/run.sh $(FUZZ_SECONDS)

fuzz-corpus:
	tests/fuzz/run.sh merge

help:
	@echo "Build and install:"
	@echo "  make                      build for the running kernel"
	@echo "  make KDIR=DIR             build for the kernel whose headers are in DIR"
	@echo "  make install              install for that kernel (as root), load nothing"
	@echo "  make uninstall            remove what 'make install' put there (uninstall-cli: altmapctl)"
	@echo "  make clean                remove what was built (clean-cache: the downloads)"
	@echo "  make cli                  build altmapctl, the command line, in build/cli"
	@echo "  make install-cli          install it with its manual pages (DESTDIR, PREFIX)"
	@echo "  make deb / make rpm       packages of module (DKMS) and altmapctl, in build/packages"
	@echo "See it work (as root on Debian; a guest under QEMU, nothing of this machine is touched):"
	@echo "  make demo                 attach a namespace in a guest, step by step"
	@echo "  make check                all tests; parts: check-unit check-cli check-static check-vm"
	@echo "  make check-all            the same on every kernel of the table, and check-distro"
	@echo "  make check-vm TEST=attach [KERNEL=6.1]   one guest test"
	@echo "  make check-packages       what is in the packages, and DKMS from the tree"
	@echo "  make check-distro [SUITE=bookworm]       install, boot, upgrade, remove (all suites of tests/pkg/suites)"
	@echo "  make check-debug [PARTS='debug coverage']"
	@echo "                            all of them in a debug kernel, and the long runs: hours (see tests/debug/part.sh)"
	@echo "  make check-power [CUTS=200]              QEMU is killed at random moments, all that was flushed is there"
	@echo "  make debug-kernel         a kernel with KASAN, lockdep and the like (15 minutes, then kept)"
	@echo "  make transcript           write docs/altmapctl-transcript.md anew"
	@echo "  make api-doc              write docs/api.rst anew"
	@echo "  make list-kernels         the kernels that guests can boot"
	@echo "  make bench [ROWS=attach]  ours and the stock driver side by side, on 6.1 and 7.3"
	@echo "  make fuzz [FUZZ_SECONDS=60]              libFuzzer on all parsers, each so long"
	@echo "  make fuzz FUZZ_RUNS=10000000             or so many executions of each; fuzz-corpus keeps the finds"
