#!/bin/bash
# build.sh KERNEL: compile this tree's module and the test tools with the
# suite's compiler, and pack the guest's initramfs. Print the folder that then
# holds vmlinuz, initrd, pmem_altmap.ko, tools for the host and build.log.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

kernel=$1
root=$("$top/tests/vm/root.sh" "$kernel")
out=$build/vm/$kernel
when=$(awk -v k="$kernel" '$1 == k { print $5 }' "$top/tests/vm/kernels")
need cpio=cpio xz=xz-utils
mkdir -p "$out"
exec 9>"$out/lock"
flock 9

# What all that is below is made of; whoever comes with the same finds it done
made_of() {
	(
		cd "$top"
		find Kbuild Makefile src include samples cli tests/vm/build.sh tests/vm/tools \
			tests/vm/modules tests/vm/guest -type f -print0 | sort -z | xargs -0 sha256sum
		echo "$root" "$when"
	) | sha256sum
}
made=$(made_of)
if [ "$(cat "$out/made" 2>/dev/null)" = "$made" ] && [ -e "$out/pmem_altmap.ko" ]; then
	echo "$out"
	exit
fi
rm -f "$out/made"

release=$(cat "$root/.release")
ln -sfn "$root" "$out/root"
# unpack_xz FILE: the kernel in an image, if it is packed with xz, and can be started without
# what unpacks it, as its note for PVH says
unpack_xz() {
	local at

	at=$(LC_ALL=C grep -aboP -m 1 '\xFD7zXZ\x00' "$root/.vmlinuz" | head -n 1 | cut -d: -f1)
	[ -n "$at" ] || return
	tail -c +$((at + 1)) "$root/.vmlinuz" | xz -dc --single-stream >"$1" 2>/dev/null
	[ "$(head -c 4 "$1" | tail -c 3)" = ELF ] &&
		LC_ALL=C grep -aqP '\x04\x00\x00\x00[\x04\x08]\x00\x00\x00\x12\x00\x00\x00Xen\x00' "$1"
}
# An emulated CPU takes as long to unpack xz as for all the rest of a boot. With zstd it does
# not matter, so that newer kernels boot from their whole image, and at a random place.
vmlinux=$cache/vmlinux-$kernel-${root##*-}
if [ ! -e "$vmlinux" ]; then
	unpack_xz "$vmlinux.$$" || ln -sf "$root/.vmlinuz" "$vmlinux.$$"
	mv "$vmlinux.$$" "$vmlinux"
fi
ln -sf "$vmlinux" "$out/vmlinuz"
echo "$release" >"$out/release"
rm -f "$out/nostock"
[ -n "$(find "$root/lib/modules/$release" -name 'device_dax.ko*')" ] || touch "$out/nostock"

# The sources are copied into the root: no mount is needed for the compiler to
# see them, and the tree here stays clean.
work=$(mktemp -d "$root/tmp/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp -r "$top/Kbuild" "$top/Makefile" "$top/src" "$top/include" "$top/samples" "$top/cli" "$top/scripts" \
	"$top/tests/vm/tools" "$top/tests/vm/modules" "$work/"
inside=${work#"$root"}
# A tail call would hide who calls, from the test that lets calls fail
coverage=
[ "$when" != debug ] || coverage="GCOV_PROFILE=y KCFLAGS=-fno-optimize-sibling-calls"
if ! in_root "$root" sh -ec "
	cd $inside
	make -j2 KDIR=/usr/src/linux-headers-$release W=1 ${coverage:-} modules
	for client in samples/pmem_altmap_client modules; do
		make -C /usr/src/linux-headers-$release M=$inside/\$client PMEM_ALTMAP=$inside W=1 modules
	done
	make -j2 -C tools
	make -C cli O=../altmapctl
	" >"$out/build.log" 2>&1; then
	tail -n 40 "$out/build.log" >&2
	die "the build for kernel $kernel failed, its log is $out/build.log"
fi
cp "$work/pmem_altmap.ko" "$work/tools/"{daxrecord,daxscan,fuzznode,mkinfoblock,showinfoblock} "$out/"
rm -rf "$out/debug"
if [ "$when" = debug ]; then
	# What belongs to the counts that guests bring back
	mkdir -p "$out/debug"
	(cd "$work" && find src -name '*.gcno' -exec cp --parents -t "$out/debug" {} +)
fi
rm -f "$out/nocensus"
! grep -q 'define PMA_HAVE_PAGEMAP_REF_POINTER' "$work/src/compat/config.h" || touch "$out/nocensus"

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
			add_library "$tree" "$lib"
		done
}

# A link in the root may be absolute
add_library() {
	mkdir -p "$1/${2%/*}"
	cp "$root/$(chroot "$root" readlink -f "$2")" "$1/$2"
}

# add_modules TREE MODULE...: modules of the root, and those they want
add_modules() {
	local tree=$1 module

	shift
	for module in "$@"; do
		chroot "$root" /sbin/modprobe -C /dev/null -S "$release" --show-depends "$module" ||
			die "kernel $release has no module $module"
	done | awk '$1 == "insmod" { print $2 }' | sort -u |
		while read -r file; do
			mkdir -p "$tree/${file%/*}"
			cp "$root/$file" "$tree/$file"
		done
}

# pack TREE FILE: as an initramfs; several can follow one another in one file. Not
# compressed, since an emulated CPU unpacks slowly.
pack() {
	(cd "$1" && find . | cpio --quiet -o -H newc -R 0:0) >"$2.$$"
	mv "$2.$$" "$2"
}

# The parts of the initramfs that do not change with this tree
key=$kernel-${root##*-}-$(sha256sum <"$0" | cut -c1-12)
base=$cache/initrd-$key.cpio
fio=$cache/initrd-fio-$key.cpio
if [ ! -e "$base" ]; then
	say "packing the initramfs for $release"
	tree=$work/tree
	mkdir -p "$tree"/{bin,dev,etc,proc,run,sys,tmp,var/lib/ndctl,"lib/modules/$release",lib64}
	ln -s bin "$tree/sbin"
	ln -s . "$tree/usr"
	cp "$root/bin/busybox" "$tree/bin/"
	# The real modprobe, since distributions compress their modules
	add_programs "$tree" /bin/kmod /usr/bin/ndctl /usr/bin/daxctl
	# kmod opens it by itself since version 33
	add_library "$tree" /usr/lib/x86_64-linux-gnu/liblzma.so.5
	for applet in modprobe insmod rmmod lsmod depmod; do
		ln -s kmod "$tree/bin/$applet"
	done
	# PREEMPT_RT kernels have no device-dax
	stock=
	[ -e "$out/nostock" ] || stock="dax_pmem device_dax"
	# shellcheck disable=SC2086 # words
	add_modules "$tree" nfit nd_pmem nd_btt nd_e820 virtio_pci virtio_pmem nvme $stock
	cp "$root/lib/modules/$release/modules."{order,builtin,builtin.modinfo} \
		"$tree/lib/modules/$release/"
	chroot "$root" /sbin/depmod -b "${tree#"$root"}" "$release"
	pack "$tree" "$base"
fi
pmem2=$cache/initrd-pmem2-$key.cpio
if [ ! -e "$pmem2" ]; then
	mkdir "$work/pmem2"
	# What it links to; the program itself comes with the tree's own tools
	add_programs "$work/pmem2" "$inside/tools/daxpmem2"
	rm "$work/pmem2/bin/daxpmem2"
	pack "$work/pmem2" "$pmem2"
fi
pmdk=$cache/initrd-pmdk-$key.cpio
if [ ! -e "$pmdk" ]; then
	mkdir "$work/pmdk"
	add_programs "$work/pmdk" "$inside/tools/daxpmem2" "$inside/tools/daxpmdk" \
		/usr/bin/daxio /usr/bin/pmempool
	rm "$work/pmdk/bin/"daxpm*
	pack "$work/pmdk" "$pmdk"
fi
if [ ! -e "$fio" ]; then
	mkdir "$work/fio"
	add_programs "$work/fio" /usr/bin/fio
	pack "$work/fio" "$fio"
fi
stress=$cache/initrd-stress-$key.cpio
if [ -e "$root/usr/bin/stress-ng" ] && [ ! -e "$stress" ]; then
	mkdir "$work/stress"
	add_programs "$work/stress" /usr/bin/stress-ng /usr/bin/trinity
	pack "$work/stress" "$stress"
fi

trace=$cache/initrd-trace-$key.cpio
if [ -e "$root/usr/bin/bpftrace" ] && [ ! -e "$trace" ]; then
	mkdir "$work/trace"
	perf=$(cd "$root" && printf '/%s\n' usr/bin/perf_[0-9]* | grep -v '\*' || echo /usr/bin/perf)
	add_programs "$work/trace" "$perf" /usr/bin/bpftrace /usr/bin/trace-cmd
	[ -e "$work/trace/bin/perf" ] || mv "$work/trace/bin/${perf##*/}" "$work/trace/bin/perf"
	# The compiler in Debian 11's bpftrace wants the kernel's types
	mkdir -p "$work/trace/include"
	cp -r "$root"/usr/include/{linux,asm-generic,x86_64-linux-gnu/asm} "$work/trace/include/"
	pack "$work/trace" "$trace"
fi

# What does: the module, the guest's scripts and tools, as a second archive
over=$work/over
mkdir -p "$over/lib/modules/$release/updates" "$over/bin" "$over/tests"
cp "$work/pmem_altmap.ko" "$over/lib/modules/$release/updates/"
find "$work/tools" -maxdepth 1 -type f -executable ! -name showinfoblock -exec cp -t "$over/bin" {} +
cp "$top/tests/vm/guest/"* "$over/tests/"
mkdir "$over/tests/modules"
cp "$work/modules/"*.ko "$work/samples/pmem_altmap_client/"*.ko "$over/tests/modules/"
install -m 755 "$top/tests/vm/guest/init" "$over/init"
# As dkms does; what is left out is for debuggers
mapfile -t stripped < <(find "$over" -type f \( -name '*.ko' -o -path "$over/bin/*" \) -printf "${over#"$root"}/%P\n")
in_root "$root" strip --strip-debug "${stripped[@]}"
pack "$over" "$work/over.cpio"
cat "$base" "$work/over.cpio" >"$out/initrd"
cat "$base" "$fio" "$work/over.cpio" >"$out/initrd-fio"
cat "$base" "$pmem2" "$fio" "$work/over.cpio" >"$out/initrd-pmem2"
cat "$base" "$pmdk" "$work/over.cpio" >"$out/initrd-pmdk"
[ ! -e "$stress" ] || cat "$base" "$stress" "$work/over.cpio" >"$out/initrd-stress"
rm -f "$out/initrd-trace" "$out/notrace"
[ -e "$root/usr/bin/bpftrace" ] || touch "$out/notrace"
[ ! -e "$trace" ] || cat "$trace" "$base" "$work/over.cpio" >"$out/initrd-trace"
mkdir "$work/cli-tree"
add_programs "$work/cli-tree" "$inside/altmapctl/altmapctl"
# Something to mount, and pmem as RAM
kmem=
[ -e "$out/nostock" ] || kmem=kmem
# shellcheck disable=SC2086 # none or one word
add_modules "$work/cli-tree" ext4 $kmem
pack "$work/cli-tree" "$work/cli.cpio"
cat "$base" "$work/over.cpio" "$work/cli.cpio" >"$out/initrd-cli"
echo "$made" >"$out/made"
echo "$out"
