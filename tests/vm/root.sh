#!/bin/bash
# root.sh KERNEL: print the folder of a root with the suite's compiler, kernel,
# headers and ndctl, made from the suite's own packages. It is unpacked, not
# installed: enough to run programs in it with chroot. In it are also .release, the
# kernel's release, and .vmlinuz, a link to its image. A debug kernel is built in it,
# from the suite's kernel source package.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib.sh"

kernel=$1
read -r _ suites image headers when < <(awk -v k="$kernel" '$1 == k' "$top/tests/vm/kernels") ||
	die "unknown kernel '$kernel': see 'make list-kernels'"
# trixie+trixie-backports: the kernel comes from the second one
suite=${suites%%+*}
from=${suites#"$suite"}
from=${from/+//}
packages=(
	"$image$from"
	# a build environment
	gcc libc6-dev make perl sparse
	# and what altmapctl is built with
	libdaxctl-dev libjson-c-dev libndctl-dev pkg-config uuid-dev
	# what a shell script needs, and the guest's programs
	bash coreutils dash diffutils findutils gawk grep gzip hostname sed tar xz-utils
	busybox-static daxctl fio kmod libpmem-dev libpmem2-dev ndctl pmdk-tools
)

own=()
if [ "$when" = debug ]; then
	packages+=(bc bison flex kmod libelf-dev libssl-dev openssl rsync)
	# The field's own fuzzers of system calls and of devices
	packages+=(stress-ng trinity)
	own=("$top/tests/debug/kernel.sh" "$top/tests/debug/kernel.config")
else
	packages+=("$headers$from")
fi
# What tracepoints are looked at with, in the guest test "trace"
[ "$when" = all ] || packages+=(bpftrace linux-perf trace-cmd)

need mmdebstrap=mmdebstrap /usr/share/keyrings/debian-archive-keyring.gpg=debian-archive-keyring
[ "$(id -u)" -eq 0 ] || die "a root for kernel $kernel can be made by root only"

key=$(printf '%s\n' "$suites" "${packages[@]}" | cat - "$0" ${own[0]:+"${own[@]}"} |
	sha256sum | cut -c1-12)
root=$cache/root-$kernel-$key

mkdir -p "$cache"
exec 9>"$cache/lock-$kernel"
flock 9
if [ ! -e "$root/.complete" ]; then
	say "making the root for kernel $kernel from $suites' packages (1 GB)"
	space=$(df --output=avail -k "$cache" | tail -n 1)
	[ "$space" -gt $((3 << 20)) ] ||
		die "$cache has $space KiB free, 3 GiB are needed: make room, or set PMA_CACHE"
	rm -rf "$root.new"
	include=$(IFS=,; echo "${packages[*]}")
	# (Locks are not handed down: dash, which mmdebstrap has write to its pipes, knows no
	# descriptor above 9)
	# shellcheck disable=SC2086 # words
	"$top/tests/sources.sh" ${suites/+/ } | mmdebstrap --variant=extract --include="$include" \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		"$suite" "$root.new" - >"$cache/root-$kernel.log" 2>&1 7>&- 8>&- 9>&- || {
		tail -n 20 "$cache/root-$kernel.log" >&2
		rm -rf "$root.new"
		die "mmdebstrap failed, its log is $cache/root-$kernel.log"
	}
	# No maintainer script ran: what they would have linked
	ln -sf dash "$root.new/usr/bin/sh"
	ln -sf gawk "$root.new/usr/bin/awk"
	ln -sf gcc "$root.new/usr/bin/cc"
	mknod -m 666 "$root.new/dev/null" c 1 3 2>/dev/null || :
	[ "$when" != debug ] || "$top/tests/debug/kernel.sh" "$root.new"
	release=$(cd "$root.new/usr/src" && ls -d linux-headers-*-amd64)
	release=${release#linux-headers-}
	chroot "$root.new" /sbin/depmod "$release"
	# Since 6.19 an image is beside its modules
	for vmlinuz in "boot/vmlinuz-$release" "usr/lib/modules/$release/vmlinuz"; do
		[ ! -e "$root.new/$vmlinuz" ] || ln -sfn "$vmlinuz" "$root.new/.vmlinuz"
	done
	[ -e "$root.new/.vmlinuz" ] || die "no kernel image for $release in its packages"
	echo "$release" >"$root.new/.release"
	touch "$root.new/.complete"
	mv "$root.new" "$root"
fi
echo "$root"
