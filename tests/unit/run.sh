#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh: build the pure code's unit tests with the sanitizers and run them.
# Prints TAP, one plan for all; a program that does not get through its own plan
# has failed. Each program's own output stays in build/unit.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

need gcc=gcc /usr/include/stdio.h=libc6-dev /usr/include/cmocka.h=libcmocka-dev

dir=$build/unit
flags=(
	-std=gnu11 -O1 -g -Wall -Wextra -Werror
	"-fsanitize=address,undefined" -fno-sanitize-recover=all
	-I"$top/src" -I"$top/tests/unit"
)
[ -z "${PMA_COVERAGE:-}" ] || flags+=(--coverage)
mkdir -p "$dir"
rm -f "$dir"/*

pure=()
for source in refusal infoblock plan cut; do
	pure+=("$dir/$source.o")
	gcc "${flags[@]}" -c -o "$dir/$source.o" "$top/src/plan/$source.c" >&2
done
for sim in kernel_sim cut_sim cut_walk; do
	gcc "${flags[@]}" -c -o "$dir/$sim.o" "$top/tests/unit/$sim.c" >&2
done

names=()
for source in "$top"/tests/unit/test_*.c; do
	name=${source##*/test_}
	name=${name%.c}
	names+=("$name")
	gcc "${flags[@]}" -o "$dir/$name" "$source" "${pure[@]}" \
		"$dir"/{kernel_sim,cut_sim,cut_walk}.o -lcmocka >&2
done

# The last line of each stream says how the program ended
for name in "${names[@]}"; do
	rc=0
	CMOCKA_MESSAGE_OUTPUT=TAP "$dir/$name" \
		>"$dir/$name.tap" 2>"$dir/$name.log" || rc=$?
	cat "$dir/$name.log" >&2
	printf '\nexit %s %s\n' "$name" "$rc" >>"$dir/$name.tap"
done

(cd "$dir" && awk '
function add(line) { lines[++count] = line }
function result(verdict, name) { add(verdict " " ++total " - " name) }

BEGIN { plan = 1 }
/^1\.\./ { plan = substr($1, 4) + 0 }
/^(not )?ok/ {
	seen++
	name = $0
	sub(/^(not )?ok[ 0-9]*-? */, "", name)
	if (/^not/)
		bad++
	result(/^not/ ? "not ok" : "ok", program() ": " name)
}
/^#/ { add($0) }
/^exit / {
	for (; seen < plan; bad++)
		result("not ok", $2 ": test " ++seen " of " plan " was not reached, exit status " $3)
	if ($3 != 0 && !bad) {
		result("not ok", $2 ": exit status " $3)
		bad++
	}
	failed += bad
	plan = 1
	seen = bad = 0
}
function program(name) {
	name = FILENAME
	sub(/\.tap$/, "", name)
	return name
}
END {
	print "1.." total
	for (i = 1; i <= count; i++)
		print lines[i]
	exit failed > 0
}' "${names[@]/%/.tap}")
