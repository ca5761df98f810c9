#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# module.sh COMMAND: what the Makefile does besides calling kbuild. It is started in the top
# folder of the tree, with KDIR, INSTALL_MOD_PATH and INSTALL_MOD_DIR in the environment.
#   ready        refuse what kbuild could not compile, before it writes anything
#   flags        the variables that kbuild needs for this kernel
#   installable  refuse what could not be installed
#   stage        an empty folder for kbuild to install into
#   install      copy from there to where modules of this kernel are
#   uninstall    remove what 'install' put there
#   clean        remove what was built
set -eu
unset CDPATH
# 'su' leaves the PATH of a user, which has no depmod
PATH=$PATH:/usr/sbin:/sbin
umask 022
KDIR=${KDIR:-}
root=${INSTALL_MOD_PATH:-}
root=${root%/}
stage=build/stage

die() {
	printf '%s\n' "$*" >&2
	exit 1
}

# Whoever calls this from elsewhere would clean or install another project
if [ ! -e src/compat/require.h ] || [ ! -e scripts/module.sh ]; then
	die "$(pwd) is not pmem_altmap's tree: use 'make -C TREE'"
fi

# The release that a module compiled with these headers is for. (What Debian 11 and 12 have in
# include/config/kernel.release is the upstream version.)
find_release() {
	release=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' \
		"$KDIR/include/generated/utsrelease.h" 2>/dev/null) || :
	case $release in
	'' | .* | */*) die "no kernel release in $KDIR/include/generated/utsrelease.h: name the headers of a kernel with KDIR=DIR" ;;
	esac
	modules=$root/lib/modules/$release
}

need_depmod() {
	command -v depmod >/dev/null ||
		die "depmod is not installed, and modprobe would not find the module (on Debian: apt install kmod)"
}

# writable FOLDER: or the nearest one above it that is there
writable() {
	folder=$1
	while [ ! -e "$folder" ]; do
		folder=${folder%/*}
		folder=${folder:-/}
	done
	[ -w "$folder" ] || die "$1 cannot be written by $(id -un): run this as root"
}

# owned FILE: whether a package has put it there, that is, not 'make install'
owned() {
	[ -z "$root" ] || return 1
	dpkg-query -S "$1" >/dev/null 2>&1 || dpkg-query -S "/usr$1" >/dev/null 2>&1 ||
		rpm -qf "$1" >/dev/null 2>&1
}

run_depmod() {
	depmod ${root:+-b "$root"} "$release" ||
		die "depmod failed for $release, and modprobe may not find the right module: see what it said"
}

ready() {
	here=$(sh scripts/paths.sh plain "this tree's folder" "$(pwd -P)")
	[ "$here" = ok ] || die "$here"
	[ -e "$KDIR/Makefile" ] ||
		die "no kernel headers in $KDIR: install them (on Debian: apt install linux-headers-$(uname -r)), or name others with 'make KDIR=DIR'"
}

case $1 in
ready) ready ;;
flags)
	# As dkms does: a kernel built with clang wants its modules built with it, too
	[ -n "${LLVM+set}" ] || ! grep -qs '^CONFIG_CC_IS_CLANG=y' "$KDIR/.config" || echo LLVM=1
	# Header packages say that modules are signed, but have no key to do it
	[ -e "$KDIR/certs/signing_key.pem" ] || echo CONFIG_MODULE_SIG_ALL=
	;;
installable)
	ready
	find_release
	need_depmod
	writable "$modules"
	;;
stage)
	rm -rf "./$stage"
	mkdir -p "./$stage"
	;;
install)
	find_release
	found=$(cd "$stage" && find . -type f -name 'pmem_altmap.ko*')
	case $found in
	*?./* | '') die "kbuild has not installed one module into $stage, but: ${found:-none}" ;;
	esac
	for_kernel=$(modinfo -F vermagic "$stage/$found")
	[ "${for_kernel%% *}" = "$release" ] ||
		die "the module that was built is for kernel ${for_kernel%% *}, not for $release: 'make clean', and try again"
	# Below lib/modules/RELEASE, as kbuild understands the release
	place=${found#./lib/modules/*/}
	case $place in
	*/*) place=/${place%/*} ;;
	*) place= ;;
	esac
	to=$modules$place/${found##*/}
	[ ! -e "$to" ] || ! owned "$to" || die "$to is a package's: remove that package first"
	mkdir -p "$modules$place"
	install -m 644 "$stage/$found" "$modules$place/"
	rm -rf "./$stage"
	run_depmod
	echo "$modules$place/${found##*/} is installed and not loaded: 'modprobe pmem_altmap' does that"
	;;
uninstall)
	if [ ! -e "$KDIR/include/generated/utsrelease.h" ]; then
		# The headers may have gone before the kernel
		case $KDIR in
		/lib/modules/*/build)
			release=${KDIR#/lib/modules/}
			release=${release%/build}
			modules=$root/lib/modules/$release
			;;
		*) find_release ;;
		esac
	else
		find_release
	fi
	need_depmod
	set --
	case ${INSTALL_MOD_DIR:-} in
	updates | extra) own= ;;
	*) own=${INSTALL_MOD_DIR:-} ;;
	esac
	for folder in ${own:+"$own"} updates extra; do
		# There, on some distributions, what DKMS installs is
		if [ "$folder" = extra ]; then
			for dkms in "$root/var/lib/dkms/pmem_altmap/kernel-$release-"*; do
				[ ! -e "$dkms" ] || continue 2
			done
		fi
		for suffix in '' .gz .xz .zst; do
			file=$modules/$folder/pmem_altmap.ko$suffix
			if [ ! -f "$file" ] || [ -L "$file" ]; then
				continue
			elif owned "$file"; then
				echo "$file is a package's and stays" >&2
			else
				set -- "$@" "$file"
			fi
		done
	done
	[ $# -gt 0 ] ||
		die "'make install' has put nothing into $modules that is there: name the headers of its kernel with 'make uninstall KDIR=DIR'"
	writable "${1%/*}"
	for file; do
		# A folder can be named in two ways, and be empty after the first file
		[ ! -e "$file" ] || rm -v -- "$file"
		[ ! -d "${file%/*}" ] || rmdir --ignore-fail-on-non-empty "${file%/*}"
	done
	run_depmod
	;;
clean)
	# Not by kbuild, which looks for objects everywhere below and gives their names to 'rm'
	# without quotes. 'find' and 'rm' follow no link.
	find ./src -type f \( -name '*.o' -o -name '.*.cmd' -o -name '.*.d' -o -name '*.gcno' \
		-o -path './src/compat/config.h' -o -path './src/compat/probe/*.result' \
		-o -path './src/compat/probe/*.result.log' \) -delete
	rm -f ./pmem_altmap.ko ./pmem_altmap.mod ./pmem_altmap.mod.c ./pmem_altmap.o \
		./pmem_altmap.mod.o ./.pmem_altmap.*.cmd ./.pmem_altmap.*.d ./Module.symvers \
		./modules.order ./.Module.symvers.cmd ./.modules.order.cmd ./.module-common.o \
		./..module-common.o.cmd ./..module-common.o.d
	rm -rf --one-file-system ./build ./.tmp_versions
	;;
*) die "module.sh: no command '$1'" ;;
esac
