#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh SECONDS|merge [TARGET...]: fuzz what reads foreign input: the info block, the
# plan, the cut, and altmapctl's own parsers; each target for SECONDS of CPU time or, with
# FUZZ_RUNS=N, for N executions. Prints TAP. Inputs that fail, and the logs, stay in build/fuzz, and so does what
# was found, for the next run. "merge" takes of that into tests/fuzz/corpus what reaches
# code that the inputs there do not.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"
. "$top/tests/vm/watch.sh"

seconds=${1:-}
runs=${FUZZ_RUNS:-}
# libFuzzer takes 0 for "no limit"
[ "$seconds" = merge ] || [[ $seconds =~ ^[1-9][0-9]*$ ]] ||
	die "usage: run.sh SECONDS|merge [TARGET...] (1 or more)"
[[ $runs =~ ^([1-9][0-9]*)?$ ]] || die "FUZZ_RUNS=$runs: not a number of executions"
shift
targets=("$@")
[ $# -gt 0 ] || targets=(infoblock plan cut config pagemaps kernel kmsg options)

need clang=clang pkg-config=pkg-config /usr/include/json-c/json.h=libjson-c-dev \
	/usr/include/ndctl/libndctl.h=libndctl-dev /usr/include/daxctl/libdaxctl.h=libdaxctl-dev
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

# cli FOLDER/NAME...: altmapctl's sources; its headers come first
cli() {
	local name

	sources=()
	own=("-I$top/cli")
	for name in "$@"; do
		sources+=("$top/cli/$name.c")
	done
	sources+=("$top/src/plan/refusal.c")
}

build_one() {
	local sources=("$top/tests/unit/kernel_sim.c" "$top"/src/plan/{refusal,infoblock,plan}.c) own=()

	case $1 in
	cut) sources+=("$top"/tests/unit/cut_{sim,walk}.c "$top/src/plan/cut.c") ;;
	config) cli attach/config system/{paths,namespace} output/{say,text} ;;
	pagemaps)
		cli module/pagemaps system/paths output/{say,text,units}
		sources+=(-ljson-c)
		;;
	kernel)
		cli module/{counters,kept,pagemaps,as_json} system/{namespace,machine} \
			output/{json,standard,text,units} doctor/{doctor,kernel,module}
		# shellcheck disable=SC2046,SC2207 # words
		sources+=(
			"$top/tests/fuzz/files.c" "$top"/src/plan/{infoblock,plan}.c -Daccess=fuzz_access
			-DALTMAPCTL_VERSION='"0"' $(pkg-config --cflags libndctl libdaxctl) -ljson-c
		)
		;;
	kmsg) cli system/{kmsg,paths} use/users output/{say,text} ;;
	options)
		cli cmd/options output/units
		sources+=(-include "$top/tests/fuzz/quiet.h")
		;;
	esac
	clang "${own[@]}" "${flags[@]}" -o "$dir/fuzz_$1" "$top/tests/fuzz/fuzz_$1.c" "${sources[@]}" >&2
}

# Finds grow a folder of their own: the tree stays clean. libFuzzer counts the time on the
# wall, in which little is tried on a machine that has much else to do: so it is asked to end.
run_one() {
	local limit=() fuzzer ticks busy

	[ -z "$runs" ] || limit=(-runs="$runs")
	mkdir -p "$dir/corpus_$1"
	"$dir/fuzz_$1" "${limit[@]}" -max_len=512 -timeout=60 \
		-print_final_stats=1 -artifact_prefix="$dir/$1-" \
		"$dir/corpus_$1" "$top/tests/fuzz/corpus/$1" >"$dir/$1.log" 2>&1 &
	fuzzer=$!
	while [ -z "$runs" ] && look_at $fuzzer && [ "$ticks" -lt $((seconds * 100)) ]; do
		sleep 0.2
	done
	[ -n "$runs" ] || kill -USR1 $fuzzer 2>/dev/null || :
	wait $fuzzer
}

merge_one() {
	local before after

	before=$(find "$top/tests/fuzz/corpus/$1" -type f | wc -l)
	"$dir/fuzz_$1" -set_cover_merge=1 -max_len=512 "$top/tests/fuzz/corpus/$1" "$dir/corpus_$1" \
		>"$dir/$1.merge.log" 2>&1
	after=$(find "$top/tests/fuzz/corpus/$1" -type f | wc -l)
	echo "# $1: $before inputs, $after with what was found"
}

failed=0
number=0
echo "1..${#targets[@]}"
for name in "${targets[@]}"; do
	number=$((number + 1))
	if ! build_one "$name" 2>"$dir/$name.build"; then
		failed=1
		echo "not ok $number - fuzz $name: it cannot be built"
		sed 's/^/# /' "$dir/$name.build"
		continue
	fi
	verdict=ok
	if [ "$seconds" = merge ]; then
		merge_one "$name" || verdict="not ok"
		echo "$verdict $number - merge $name"
		[ "$verdict" = ok ] || failed=1
		continue
	fi
	if [ -n "$runs" ]; then
		say "fuzzing $name $runs times"
	else
		say "fuzzing $name for $seconds seconds"
	fi
	run_one "$name" || verdict="not ok"
	done_runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$name.log")
	rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$dir/$name.log")
	# Fewer executions than were asked for are no success
	[ "${done_runs:-0}" -ge "${runs:-1}" ] || verdict="not ok"
	echo "$verdict $number - fuzz $name"
	echo "# $name: ${done_runs:-0} runs, ${rate:-0} a second, $(find "$dir/corpus_$name" -type f | wc -l) inputs found"
	if [ "$verdict" != ok ]; then
		failed=1
		sed -n 's/.*Test unit written to /# fails with /p' "$dir/$name.log"
		echo "# log: $dir/$name.log"
		tail -n 40 "$dir/$name.log" >&2
	fi
done
exit "$failed"
