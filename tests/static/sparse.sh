#!/bin/bash
# sparse.sh KERNEL: sparse over the module, in the root of that kernel's suite.
# src/plan/cut.c is not part of the module yet. Fails on anything it says about this tree's files.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

root=$("$top/tests/vm/root.sh" "$1")
release=$(cat "$root/.release")
work=$(mktemp -d "$root/tmp/sparse.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp -r "$top/Kbuild" "$top/Makefile" "$top/src" "$top/include" "$work/"

in_root "$root" \
	make -C "/usr/src/linux-headers-$release" "M=${work#"$root"}" \
	C=2 CHECK=sparse CF="-D__CHECK_ENDIAN__ -Wno-unknown-attribute" modules \
	>"$work/log" 2>&1 || {
	cat "$work/log"
	exit 1
}
# Each source was looked at
while read -r source; do
	grep -q "CHECK .*/$source" "$work/log" || {
		echo "sparse did not see $source"
		exit 1
	}
done < <(cd "$work" && find src -name '*.c' ! -path 'src/compat/*' ! -path src/plan/cut.c)
# DEFINE_STATIC_SRCU() of 5.10 makes a symbol that is not static
if grep -E "${work#"$root"}/.*(warning|error):" "$work/log" |
	grep -v "symbol '__srcu_struct_"; then
	exit 1
fi
