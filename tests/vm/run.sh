#!/bin/bash
# run.sh: the guest tests, on each kernel of KERNEL (default: those of 'make check', with
# PMA_ALL=1 all of the table), those of TEST (default: all), as many guests at a time as
# there are CPUs (PMA_GUESTS). Prints KTAP.
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

need qemu-system-x86_64=qemu-system-x86
mapfile -t kernels < <(kernels)
# shellcheck disable=SC2206 # words
tests=(${TEST:-$(cd "$top/tests/vm/guest" && grep -l '^plan ' -- *.sh | sed 's/\.sh$//')})

one() {
	local log=$build/vm/$1/log/$2 began

	began=$(date +%s)
	rm -rf "$log"
	mkdir -p "${log%/*}"
	guest "$1" "$2" "$log.stream"
	[ -s "$log/tap" ] || {
		mkdir -p "$log"
		printf '1..1\nnot ok 1 - the guest could be started\n' >"$log/tap"
		sed 's/^/# /' "$log.stream" >>"$log/tap"
	}
	took $(($(date +%s) - began)) "guest $1 $2, $(cpu_of "$log") s of CPU time"
	# One line a test would be lost in the crowd: name them in full
	sed -E "s/^((not )?ok [0-9]+) - /\1 - $1 $2: /" "$log/tap" >"$log/named"
	# The other guest's lines do not come in between
	flock "$build/print" grep -v '^1\.\.' "$log/named"
}

# cpu_of LOG: the CPU seconds that QEMU took, from what bash says of its children
cpu_of() {
	sed -n '2s/[ms]/ /gp' "$1/times" 2>/dev/null | awk '{ printf "%.0f", $1 * 60 + $2 + $3 * 60 + $4 }'
}

# at_once: how many guests
at_once() {
	local cpus memory

	cpus=$(nproc)
	memory=$(awk '$1 == "MemAvailable:" { printf "%d", $2 / 4194304 }' /proc/meminfo)
	[ "$cpus" -le "$memory" ] || cpus=$memory
	[ "$cpus" -ge 2 ] || cpus=2
	echo "${PMA_GUESTS:-$cpus}"
}

# tests_of KERNEL: without the stock driver there are those that do without
tests_of() {
	local test when kind=stock

	[ ! -e "$build/vm/$1/debug" ] || kind=debug
	for test in "${tests[@]}"; do
		when=$(sed -n 's/^# guest: when=//p' "$top/tests/vm/guest/$test.sh")
		if [ -z "${TEST:-}" ] && [ "${when:-$kind}" != "$kind" ]; then
			continue
		fi
		if [ -e "$build/vm/$1/nostock" ] &&
			! grep -q '^# guest: stock=none' "$top/tests/vm/guest/$test.sh"; then
			continue
		fi
		if [ -e "$build/vm/$1/nocensus" ] &&
			grep -q '^# guest: census=yes' "$top/tests/vm/guest/$test.sh"; then
			continue
		fi
		if [ -e "$build/vm/$1/notrace" ] &&
			grep -q '^# guest: extra=trace' "$top/tests/vm/guest/$test.sh"; then
			continue
		fi
		echo "$test"
	done
}

lock_build
if [ "${1:-}" = one ]; then
	one "$2" "$3"
	exit
fi

if [ "${1:-}" = build ]; then
	began=$(date +%s)
	"$top/tests/vm/build.sh" "$2" >/dev/null
	took $(($(date +%s) - began)) "root, module and guests' tools for $2"
	exit
fi

taps=() queue=()
rm -rf "$build/vm/unbooted"
if [ -z "${TEST:-}" ]; then
	taps+=("$build/vm/limits.tap")
	mkdir -p "$build/vm"
	"$top/tests/vm/limits.sh" >"$build/vm/limits.tap" &
fi
printf '%s\n' "${kernels[@]}" | xargs -L 1 -P 2 "$0" build
"$top/tests/vm/accel.sh" "$build/vm/${kernels[0]}" >/dev/null
for kernel in "${kernels[@]}"; do
	# What an earlier part has left for other tests stays
	[ -n "${TEST:-}" ] || rm -rf "$build/vm/$kernel/log"
	for test in $(tests_of "$kernel"); do
		taps+=("$build/vm/$kernel/log/$test/tap")
		grep -q '^# guest: long=yes' "$top/tests/vm/guest/$test.sh" && first=0 || first=1
		queue+=("$first $kernel $test")
	done
done
if [ -z "${TEST:-}" ]; then
	wait || :
	grep -v '^1\.\.' "$build/vm/limits.tap"
fi
# The long ones come first, so that none is left to run alone
printf '%s\n' "${queue[@]}" | sort -s -n -k 1,1 | cut -d ' ' -f 2- |
	xargs -L 1 -P "$(at_once)" "$0" one || :

# A merged stream has one plan, of the sum of the guests' own
plan=0
for tap in "${taps[@]}"; do
	plan=$((plan + $(sed -n 's/^1\.\.//p' "$tap")))
done
echo "1..$plan"

read -r passed failed skipped < <(tap_sum "${taps[@]}")
# The matrix: what passed, and what did not
{
	printf '# %-12s' test
	printf ' %11s' "${kernels[@]}"
	printf '\n'
	for test in "${tests[@]}"; do
		printf '# %-12s' "$test"
		for kernel in "${kernels[@]}"; do
			tests_of "$kernel" | grep -qx "$test" || {
				printf ' %11s' -
				continue
			}
			read -r p f s < <(tap_sum "$build/vm/$kernel/log/$test/tap" 2>/dev/null)
			printf ' %11s' "$p$([ "$f" -eq 0 ] || echo " $f bad")$([ "$s" -eq 0 ] || echo " $s skip")"
		done
		printf '\n'
	done
	printf '# %-12s' release
	for kernel in "${kernels[@]}"; do
		release=$(cat "$build/vm/$kernel/release")
		printf ' %11.11s' "${release%%-*}"
	done
	printf '\n'
} | tee "$build/vm/matrix"
echo "# $passed passed, $failed failed, $skipped skipped in guests"
# Now and then it is the emulation; more of it is a defect of something
again=$(find "$build/vm/unbooted" -type f 2>/dev/null | wc -l)
[ "$again" -eq 0 ] || echo "# $again guests did not boot at first: see $build/vm/unbooted"
# A skip inside the matrix would hide a hole in it
[ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ] && [ "$again" -le 3 ]
