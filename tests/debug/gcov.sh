#!/bin/bash
# gcov.sh KERNEL TEST: what a debug kernel's guest brought back of the module's coverage,
# as JSON in build/coverage, by the sources that it is of; the
# test's next run replaces it.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

kernel=$1
test=$2
dir=$build/vm/$kernel
counts=$dir/log/$test/gcda.base64
[ -s "$counts" ] || die "$kernel $test: the guest brought no counts back"

root=$(readlink -f "$dir/root")
out=$build/coverage/$("$top/tests/debug/sources.sh")
work=$(mktemp -d "$root/tmp/gcov.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
tr -d '\r' <"$counts" | base64 -d | tar -xzC "$work"
# The module's objects are below one folder, wherever it was built
src=$(dirname "$(find "$work" -name main.gcda)")
cp -r "$dir/debug/src/." "$src/"
# shellcheck disable=SC2016 # for the inner shell
in_root "$root" sh -ec 'cd "$1" && find . -name "*.gcda" -exec gcov --branch-probabilities --json-format --stdout {} +' \
	sh "${src#"$root"}" \
	>"$out/$kernel-$test.json.$$"
mv "$out/$kernel-$test.json.$$" "$out/$kernel-$test.json"
