#!/bin/bash
# kbuild.sh KERNEL: the build stops with a sentence when probing is broken, and when the
# kernel lacks an option; it goes on where modules cannot be unloaded. Fails when it does not.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

root=$("$top/tests/vm/root.sh" "$1")
release=$(cat "$root/.release")
headers=/usr/src/linux-headers-$release
work=$(mktemp -d "$root/tmp/kbuild.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp -r "$top/Kbuild" "$top/src" "$top/include" "$work/"
inside=${work#"$root"}

# stops WHAT SENTENCE COMMAND...
stops() {
	local what=$1 sentence=$2

	shift 2
	if in_root "$root" "$@" >"$work/log" 2>&1; then
		echo "$what: the build did not stop"
		exit 1
	fi
	grep -q "$sentence" "$work/log" || {
		echo "$what: no sentence '$sentence' in:"
		tail -n 20 "$work/log"
		exit 1
	}
}

stops "a compiler that fails at everything" "does not work at all: see .*sentinel_pass.result.log" \
	make -C "$headers" "M=$inside" KCFLAGS=-fno-such-option modules
echo 'void pma_no_such_function(int);' >"$work/everything.h"
stops "a compiler that accepts everything" "accepts what it must not: see .*sentinel_fail.result.log" \
	make -C "$headers" "M=$inside" "KCFLAGS=-include $inside/everything.h" modules

# A kernel whose modules stay
echo '#undef CONFIG_MODULE_UNLOAD' >"$work/stay.h"
in_root "$root" make -j2 -C "$headers" "M=$inside" "KCFLAGS=-include $inside/stay.h" modules >"$work/log" 2>&1 || {
	echo "the build for a kernel without module unloading failed:"
	grep -E 'error|warning' "$work/log"
	exit 1
}

# A client of another version of the interface
cp -r "$top/samples" "$work/"
sed -i 's/^PMEM_ALTMAP_API_REQUIRE(2)/PMEM_ALTMAP_API_REQUIRE(3)/' "$work"/samples/*/*.c
stops "a client of another interface" "pmem_altmap has another version of its interface" \
	make -C "$headers" "M=$inside/samples/pmem_altmap_client" "PMEM_ALTMAP=$inside" modules

# The options, each taken away from those that make up a fitting kernel
mkdir -p "$work/include/linux" "$work/include/generated"
cp "${root}${headers%-*}-common/include/linux/kconfig.h" "$work/include/linux/"
options=(X86_64 ZONE_DEVICE SPARSEMEM_VMEMMAP MEMORY_HOTREMOVE LIBNVDIMM DEBUG_FS FS_DAX)
without() {
	printf '#define CONFIG_%s 1\n' "${options[@]}" |
		grep -v " CONFIG_$1 " >"$work/include/generated/autoconf.h"
}
preprocess=(gcc -E -I"$inside/include" -o /dev/null "$inside/src/compat/require.h")
without nothing
in_root "$root" "${preprocess[@]}"
# A module is as good as built in
sed -i 's/CONFIG_LIBNVDIMM 1/CONFIG_LIBNVDIMM_MODULE 1/' "$work/include/generated/autoconf.h"
in_root "$root" "${preprocess[@]}"
for option in "${options[@]}"; do
	without "$option"
	sentence="pmem_altmap needs CONFIG_$option="
	[ "$option" = X86_64 ] && sentence="on x86_64 only"
	stops "no CONFIG_$option" "$sentence" "${preprocess[@]}"
done
