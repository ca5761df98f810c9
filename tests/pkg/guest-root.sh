#!/bin/bash
# guest-root.sh ROOT RELEASE NAME: make of an installed root, with its own kernel, what
# tests/vm/guest.sh NAME boots: the root as it is, less what is only good for compiling,
# in a squashfs that a small initramfs unpacks no file of, and an overlay to write to.
# Modules come from where the root's own modprobe finds them.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

root=$1
release=$2
out=$build/vm/$3
need mksquashfs=squashfs-tools cpio=cpio xz=xz-utils zstd=zstd \
	/usr/share/OVMF/OVMF_VARS_4M.fd=ovmf cc=gcc make=make perl=perl /usr/include/stdio.h=libc6-dev
mkdir -p "$out"
work=$(mktemp -d "$out/pack.XXXXXX")
trap 'rm -rf "$work"' EXIT

for vmlinuz in "$root/boot/vmlinuz-$release" "$root/usr/lib/modules/$release/vmlinuz"; do
	[ ! -e "$vmlinuz" ] || cp "$vmlinuz" "$out/vmlinuz"
done

mkdir -p "$work"/tree/{bin,dev,lower,modules,new,over,proc,rw,tests}
cp "$root/bin/busybox" "$work/tree/bin/"
# What the root is mounted with, in the order in which it must be loaded
for module in loop squashfs overlay; do
	chroot "$root" /sbin/modprobe -C /dev/null -S "$release" --show-depends "$module" ||
		die "kernel $release has no module $module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/modules"
i=10
while read -r file; do
	to=$work/tree/modules/$i-$(basename "$file" | sed 's/\.ko.*//').ko
	case $file in
	*.xz) xz -dc "$root/$file" >"$to" ;;
	*.zst) zstd -qdc "$root/$file" >"$to" ;;
	*) cp "$root/$file" "$to" ;;
	esac
	i=$((i + 1))
done <"$work/modules"
install -m 755 "$top/tests/pkg/guest-init" "$work/tree/init"

# The tests, their tools, and what runs them under either init
mkdir -p "$work"/tree/over/{pma/bin,tests,etc/systemd/system/multi-user.target.wants}
cp "$top/tests/vm/guest/"* "$work/tree/over/tests/"
cp -r "$top/tests/vm/tools" "$top/src" "$work/"
make -s -C "$work/tools" daxfill daxrules daxpages mkinfoblock >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	die "the guest's tools cannot be compiled"
}
cp "$work/tools/"{daxfill,daxrules,daxpages} "$work/tree/over/pma/bin/"
# For the devices that the host prepares
cp "$work/tools/mkinfoblock" "$out/"
# For the guest whose firmware knows the key that DKMS signs with
if [ -e "$root/var/lib/dkms/mok.pub" ]; then
	perl "$top/tests/pkg/efi-vars.pl" /usr/share/OVMF/OVMF_VARS_4M.fd \
		"$root/var/lib/dkms/mok.pub" "$out/vars.fd"
fi
install -m 755 "$top/tests/pkg/guest-run" "$work/tree/over/pma/run"
cat >"$work/tree/over/etc/systemd/system/pma.service" <<-EOT
[Unit]
Description=One guest test
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/pma/run
[Install]
WantedBy=multi-user.target
EOT
ln -s ../pma.service "$work/tree/over/etc/systemd/system/multi-user.target.wants/pma.service"

mksquashfs "$root" "$work/tree/root.squashfs" -comp lz4 -no-progress -quiet -wildcards \
	-e 'usr/src/linux-*' 'usr/lib/linux-kbuild-*' 'usr/lib/gcc*' 'usr/libexec/gcc' \
	'usr/share/doc' 'usr/share/man' 'usr/share/locale' 'usr/lib/debug' \
	'var/cache/*' 'var/lib/apt/lists/*' 'boot/*' 'tmp/*' 'proc/*' 'sys/*' 'run/*' 'root/*' \
	>"$work/log" 2>&1 || {
	cat "$work/log" >&2
	die "mksquashfs failed"
}
(cd "$work/tree" && find . | cpio --quiet -o -H newc -R 0:0) >"$work/initrd"
mv "$work/initrd" "$out/initrd"
