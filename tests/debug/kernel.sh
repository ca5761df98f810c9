#!/bin/bash
# kernel.sh ROOT: build the kernel of tests/debug/kernel.config, from the kernel source
# package that was unpacked in ROOT and with ROOT's compiler, and install it there as
# a kernel package and its headers would. Called by tests/vm/root.sh; 15 minutes on 2 cores.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

root=$1
log=$root/.kernel.log
config=$top/tests/debug/kernel.config

tarball=$(cd "$root" && ls usr/src/linux-source-*.tar.xz)
source=/${tarball%.tar.xz}
out=/usr/src/build
mkdir -p "$root$out"
cp "$config" "$root$out/fragment"

run() {
	in_root "$root" nice "$@" >>"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		die "building the debug kernel failed, its log is $log"
	}
}

run tar -xf "/$tarball" -C /usr/src
run make -C "$source" "O=$out" KCONFIG_ALLCONFIG="$out/fragment" allnoconfig

# Kconfig drops in silence what a missing dependency forbids
awk '
	{ name = $0 }
	/^# CONFIG_.* is not set$/ { name = $2; $0 = name "=n" }
	!/^CONFIG_/ { next }
	{ sub(/=.*/, "", name); value = substr($0, length(name) + 2) }
	FNR == NR { want[name] = value; next }
	{ got[name] = value }
	END {
		# the older name, and the newest one
		renamed["CONFIG_PROC_SYSCTL"] = "CONFIG_SYSCTL"
		for (own in want) {
			name = own
			if (!(name in got) && name in renamed)
				name = renamed[name]
			is = name in got ? got[name] : "n"
			if (is != want[own]) { print name "=" want[own] ": is " is; bad = 1 }
		}
		exit bad
	}' "$config" "$root$out/.config" >"$root$out/lost" ||
	die "the kernel's configuration did not take: $(paste -sd ' ' "$root$out/lost")"

say "building the debug kernel ($(nproc) cores; 15 minutes on 2)"
run make -C "$source" "O=$out" -j"$(nproc)" bzImage modules
release=$(cat "$root$out/include/config/kernel.release")
run make -C "$source" "O=$out" modules_install

ln -sfn "${out##*/}" "$root/usr/src/linux-headers-$release"
mkdir -p "$root/boot"
cp "$root$out/arch/x86/boot/bzImage" "$root/boot/vmlinuz-$release"
# To build modules, neither the objects nor most of the sources are wanted
find "$root$out" -name '*.o' ! -path "*/scripts/*" ! -path "*/tools/*" -delete
rm -rf "${root:?}/$tarball" "${root:?}${source:?}"/{Documentation,drivers,fs,net,sound}
say "the debug kernel is $release"
