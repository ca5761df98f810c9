#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh SECONDS: fuzz the info block, the layout, and what altmapctl reads, for SECONDS each. Prints
# TAP. Inputs that fail, and the logs, stay in build/fuzz.
set -eu -o pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib.sh"

seconds=${1:-}
# libFuzzer takes 0 for "no limit"
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "usage: run.sh SECONDS (1 or more)"

need clang=clang /usr/include/json-c/json.h=libjson-c-dev
# The runtime's package is named for the version, which only clang itself knows
version=$(clang -dumpversion)
need "$(clang -print-resource-dir)/lib/linux/libclang_rt.fuzzer-$(uname -m).a=libclang-rt-${version%%.*}-dev"

dir=$build/fuzz
flags=(
	-std=gnu11 -O2 -g -Wall -Wextra -Werror
	"-fsanitize=fuzzer,address,undefined" -fno-sanitize-recover=all
	-I"$top/src" -I"$top/tests/unit" -I"$top/tests/fuzz"
)
mkdir -p "$dir"

build_one() {
	local sources=("$top/tests/unit/kernel_sim.c" "$top"/src/{refusal,infoblock,layout}.c)

	# altmapctl's; its headers come first
	case $1 in
	config | pagemaps)
		sources=("-I$top/cli" "$top"/cli/{config,pagemaps,paths,say,units}.c "$top/src/refusal.c")
		sources+=(-ljson-c)
		;;
	esac
	clang "${flags[@]}" -o "$dir/fuzz_$1" "$top/tests/fuzz/fuzz_$1.c" "${sources[@]}" >&2
}

# Finds grow a copy of the corpus: the tree stays clean
run_one() {
	rm -rf "$dir/corpus_$1"
	cp -r "$top/tests/fuzz/corpus/$1" "$dir/corpus_$1"
	"$dir/fuzz_$1" -max_total_time="$seconds" -max_len=512 -timeout=10 \
		-print_final_stats=1 -artifact_prefix="$dir/$1-" \
		"$dir/corpus_$1" >"$dir/$1.log" 2>&1
}

failed=0
number=0
echo 1..4
for name in infoblock layout config pagemaps; do
	number=$((number + 1))
	build_one "$name"
	say "fuzzing $name for $seconds seconds"
	verdict=ok
	run_one "$name" || verdict="not ok"
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$name.log")
	rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$dir/$name.log")
	echo "$verdict $number - fuzz $name"
	echo "# $name: ${runs:-0} runs, ${rate:-0} a second"
	if [ "$verdict" != ok ]; then
		failed=1
		sed -n 's/.*Test unit written to /# fails with /p' "$dir/$name.log"
		echo "# log: $dir/$name.log"
		tail -n 40 "$dir/$name.log" >&2
	fi
done
exit "$failed"
