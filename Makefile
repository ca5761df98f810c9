# SPDX-License-Identifier: GPL-2.0-only
# For people; Kbuild is for the kernel's build system.

# Everything below is relative to this folder, so that its own name does not matter
ifneq ($(words $(wildcard scripts/paths.sh scripts/module.sh src/compat/require.h)),3)
$(error this Makefile works in its own folder only: use 'make -C FOLDER')
endif

ifeq ($(origin KDIR),undefined)
KDIR := /lib/modules/$(shell uname -r)/build
endif
# Kernel builds use that name, too: what the environment says is not meant for altmapctl
ifneq ($(origin O),command line)
override O :=
endif

# Recipes take paths from the environment, in quotes. $(value) and $(subst) do not take them apart
path = $1 $2 '$(subst ','\'',$(value $2))'
answer := $(shell sh scripts/paths.sh $(call path,plain,KDIR) $(if $(value O),$(call path,plain,O)) \
	$(if $(value INSTALL_MOD_DIR),$(call path,plain,INSTALL_MOD_DIR)) \
	$(call path,absolute,INSTALL_MOD_PATH))
ifneq ($(answer),ok)
$(error $(answer))
endif
# What the command line says is there by itself, and kbuild minds a variable that is empty
export KDIR PARTS FUZZ_SECONDS
# These change what 'cd', 'grep', 'tar' and 'ls' do
unexport CDPATH GREP_OPTIONS TAR_OPTIONS QUOTING_STYLE

FUZZ_SECONDS ?= 60
kbuild = -C "$$KDIR" M="$$(pwd -P)" $$(sh scripts/module.sh flags)
cli = -C cli O=$(if $(O),$(if $(filter /%,$(O)),,../)$(O),../build/cli)

.PHONY: all modules installable install uninstall cli install-cli uninstall-cli clean clean-cache \
	demo check check-all check-build check-unit check-cli check-static check-vm check-packages \
	check-debug check-distro check-power deb rpm transcript api-doc bench debug-kernel \
	list-kernels fuzz fuzz-corpus help

all: modules

modules:
	$(if $(O),$(error O is for 'make cli': the module is built in this folder, for the kernel whose headers KDIR names))
	@sh scripts/module.sh ready
	@$(MAKE) $(kbuild) modules

installable:
	@sh scripts/module.sh installable

# By way of a folder of our own, since kbuild cannot install into every path
install: installable modules
	@sh scripts/module.sh stage
	@$(MAKE) $(kbuild) INSTALL_MOD_PATH="$$(pwd -P)/build/stage" DEPMOD=true modules_install
	@sh scripts/module.sh install

uninstall:
	@sh scripts/module.sh uninstall

cli:
	@$(MAKE) $(cli)

install-cli: cli
	@$(MAKE) $(cli) install

uninstall-cli:
	@$(MAKE) $(cli) uninstall

clean:
	@sh scripts/module.sh clean

clean-cache:
	tests/clean-cache.sh

demo:
	tests/vm/demo.sh "$${KERNEL:-6.1}"

check:
	tests/check.sh build unit cli fuzz static vm packages

check-all:
	PMA_ALL=1 tests/check.sh build unit cli fuzz static vm packages distro

check-build:
	tests/check.sh build

check-unit:
	tests/check.sh unit

check-cli:
	tests/check.sh cli

check-static:
	tests/check.sh static

check-vm:
	tests/check.sh vm

check-packages:
	tests/check.sh packages

PARTS ?= debug races executions blocks calls power rounds coverage

check-debug:
	tests/check.sh $$PARTS

check-distro:
	tests/check.sh distro

check-power:
	KERNEL="$${KERNEL:-6.1}" tests/debug/power.sh $$CUTS

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
	KERNEL="$$KERNEL" tests/bench/run.sh $$ROWS

debug-kernel:
	"$$PWD/tests/vm/root.sh" "$${KERNEL:-6.12-debug}"

list-kernels:
	@sed '1,2d; s/^# //' tests/vm/kernels

fuzz:
	tests/fuzz/run.sh "$$FUZZ_SECONDS"

fuzz-corpus:
	tests/fuzz/run.sh merge

help:
	@echo "Build and install:"
	@echo "  make                      build for the running kernel"
	@echo "  make KDIR=DIR             build for the kernel whose headers are in DIR"
	@echo "  make install              install for that kernel (as root), load nothing"
	@echo "  make uninstall            remove what 'make install' put there (uninstall-cli: altmapctl)"
	@echo "  make clean                remove what was built (clean-cache: the downloads)"
	@echo "  make cli                  build altmapctl, the command line, in build/cli (O=DIR)"
	@echo "  make install-cli          install it with its manual pages (DESTDIR, PREFIX)"
	@echo "  make deb / make rpm       packages of module (DKMS) and altmapctl, in build/packages"
	@echo "See it work (as root on Debian; a guest under QEMU, nothing of this machine is touched):"
	@echo "  make demo                 attach a namespace in a guest, step by step"
	@echo "  make check                all tests; parts: check-build check-unit check-cli check-static check-vm"
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
	@echo "  make fuzz [FUZZ_SECONDS=60]              libFuzzer on all parsers, each for so many seconds of CPU time"
	@echo "  make fuzz FUZZ_RUNS=10000000             or so many executions of each; fuzz-corpus keeps the finds"
