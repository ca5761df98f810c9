#!/bin/bash
# build.sh KERNEL: compile this tree's module and the test tools with the
# suite's compiler, and pack the guest's initramfs. Print the folder that then
# holds vmlinuz, initrd, pmem_altmap.ko, mkinfoblock and build.log.
set -eu -o pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib.sh"

kernel=$1
root=$("$top/tests/vm/root.sh" "$kernel")
out=$build/vm/$kernel
need cpio=cpio gzip=gzip
mkdir -p "$out"

vmlinuz=$(echo "$root"/boot/vmlinuz-*)
release=${vmlinuz##*/vmlinuz-}
ln -sf "$vmlinuz" "$out/vmlinuz"

# The sources are copied into the root: no mount is needed for the compiler to
# see them, and the tree here stays clean.
work=$(mktemp -d "$root/tmp/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp -r "$top/Kbuild" "$top/Makefile" "$top/src" "$top/tests/vm/tools" "$work/"
inside=${work#"$root"}
if ! chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 \
	sh -ec "
	cd $inside
	make KDIR=/usr/src/linux-headers-$release W=1 modules
	make -C tools
	" >"$out/build.log" 2>&1; then
	tail -n 40 "$out/build.log" >&2
	die "the build for kernel $kernel failed, its log is $out/build.log"
fi
cp "$work/pmem_altmap.ko" "$work/tools/mkinfoblock" "$out/"

# add_programs TREE PROGRAM...: programs of the root, and the libraries they want
add_programs() {
	local tree=$1 program

	shift
	for program in "$@"; do
		mkdir -p "$tree/bin"
		cp -L "$root$program" "$tree/bin/"
		chroot "$root" /lib64/ld-linux-x86-64.so.2 --list "$program" ||
			die "cannot list the libraries of $program"
	done | awk '/=> \// { print $3 } $1 ~ /^\// { print $1 }' | sort -u |
		while read -r lib; do
			mkdir -p "$tree/${lib%/*}"
			cp -L "$root/$lib" "$tree/$lib"
		done
}

# pack TREE FILE: as an initramfs; several can follow one another in one file
pack() {
	(cd "$1" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -1 >"$work/packed"
	cp "$work/packed" "$2.$$"
	mv "$2.$$" "$2"
}

# The parts of the initramfs that do not change with this tree
key=$kernel-${root##*-}-$(sha256sum <"$0" | cut -c1-12)
base=$cache/initrd-$key.gz
fio=$cache/initrd-fio-$key.gz
if [ ! -e "$base" ]; then
	say "packing the initramfs for $release"
	tree=$work/tree
	mkdir -p "$tree"/{bin,dev,etc,proc,run,sys,tmp,var/lib/ndctl,"lib/modules/$release",lib64}
	ln -s bin "$tree/sbin"
	ln -s . "$tree/usr"
	cp "$root/bin/busybox" "$tree/bin/"
	# The real modprobe, since distributions compress their modules
	add_programs "$tree" /bin/kmod /usr/bin/ndctl /usr/bin/daxctl
	for applet in modprobe insmod rmmod lsmod depmod; do
		ln -s kmod "$tree/bin/$applet"
	done
	for module in nfit nd_pmem nd_btt nd_e820 dax_pmem device_dax; do
		chroot "$root" /sbin/modprobe -C /dev/null -S "$release" --show-depends "$module" ||
			die "kernel $release has no module $module"
	done | awk '$1 == "insmod" { print $2 }' | sort -u |
		while read -r file; do
			mkdir -p "$tree/${file%/*}"
			cp "$root/$file" "$tree/$file"
		done
	cp "$root/lib/modules/$release/modules."{order,builtin,builtin.modinfo} \
		"$tree/lib/modules/$release/"
	chroot "$root" /sbin/depmod -b "${tree#"$root"}" "$release"
	pack "$tree" "$base"
fi
if [ ! -e "$fio" ]; then
	mkdir "$work/fio"
	add_programs "$work/fio" /usr/bin/fio
	pack "$work/fio" "$fio"
fi

# What does: the module, the guest's scripts and tools, as a second archive
over=$work/over
mkdir -p "$over/lib/modules/$release/updates" "$over/bin" "$over/tests"
cp "$work/pmem_altmap.ko" "$over/lib/modules/$release/updates/"
cp "$work/tools/"{daxbench,daxfill,daxrules,daxpages} "$over/bin/"
cp "$top/tests/vm/guest/"* "$over/tests/"
install -m 755 "$top/tests/vm/guest/init" "$over/init"
pack "$over" "$work/over.gz"
cat "$base" "$work/over.gz" >"$out/initrd"
cat "$base" "$fio" "$work/over.gz" >"$out/initrd-fio"
echo "$out"
