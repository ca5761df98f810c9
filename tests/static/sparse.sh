#!/bin/bash
# sparse.sh KERNEL: sparse over the module, in the root of that kernel's suite.
# Fails on anything it says about this tree's files.
set -eu -o pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib.sh"

root=$("$top/tests/vm/root.sh" "$1")
release=$(echo "$root"/boot/vmlinuz-*)
release=${release##*/vmlinuz-}
work=$(mktemp -d "$root/tmp/sparse.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp -r "$top/Kbuild" "$top/Makefile" "$top/src" "$work/"

chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 \
	make -C "/usr/src/linux-headers-$release" "M=${work#"$root"}" \
	C=2 CHECK=sparse CF="-D__CHECK_ENDIAN__ -Wno-unknown-attribute" modules \
	>"$work/log" 2>&1 || {
	cat "$work/log"
	exit 1
}
# Each source was looked at
for source in "$work"/src/*.c; do
	grep -q "CHECK .*/${source##*/}" "$work/log" || {
		echo "sparse did not see ${source##*/}"
		exit 1
	}
done
if grep -E "${work#"$root"}/.*(warning|error):" "$work/log"; then
	exit 1
fi
