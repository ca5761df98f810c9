#!/bin/bash
# run.sh: the guest tests, on each kernel of KERNEL (default: all of the table),
# those of TEST (default: all), two guests at a time. Prints KTAP.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib.sh"

need qemu-system-x86_64=qemu-system-x86
# shellcheck disable=SC2206 # words
kernels=(${KERNEL:-$(awk '!/^#/ { print $1 }' "$top/tests/vm/kernels")})
# shellcheck disable=SC2206 # words
tests=(${TEST:-$(cd "$top/tests/vm/guest" && grep -l '^plan ' -- *.sh | sed 's/\.sh$//')})

one() {
	local log=$build/vm/$1/log/$2

	mkdir -p "${log%/*}"
	"$top/tests/vm/guest.sh" "$1" "$2" >"$log.stream" 2>&1 || :
	[ -s "$log/tap" ] || {
		mkdir -p "$log"
		printf '1..1\nnot ok 1 - the guest could be started\n' >"$log/tap"
		sed 's/^/# /' "$log.stream" >>"$log/tap"
	}
	# One line a test would be lost in the crowd: name them in full
	sed -E "s/^((not )?ok [0-9]+) - /\1 - $1 $2: /" "$log/tap" >"$log/named"
	# The other guest's lines do not come in between
	flock "$build/print" grep -v '^1\.\.' "$log/named"
}

lock_build
if [ "${1:-}" = one ]; then
	one "$2" "$3"
	exit
fi

taps=()
for kernel in "${kernels[@]}"; do
	dir=$("$top/tests/vm/build.sh" "$kernel")
	rm -rf "$dir/log"
	"$top/tests/vm/accel.sh" "$dir" >/dev/null
	printf "$kernel %s\n" "${tests[@]}" |
		xargs -L 1 -P 2 "$0" one || :
	for test in "${tests[@]}"; do
		taps+=("$dir/log/$test/tap")
	done
done

# A merged stream has one plan, of the sum of the guests' own
plan=0
for tap in "${taps[@]}"; do
	plan=$((plan + $(sed -n 's/^1\.\.//p' "$tap")))
done
echo "1..$plan"

read -r passed failed skipped < <(tap_sum "${taps[@]}")
for kernel in "${kernels[@]}"; do
	for test in "${tests[@]}"; do
		read -r p f s < <(tap_sum "$build/vm/$kernel/log/$test/tap")
		printf '# %-8s %-12s %3d passed %d failed %d skipped\n' "$kernel" "$test" "$p" "$f" "$s"
	done
done
echo "# $passed passed, $failed failed, $skipped skipped in guests"
# A skip inside the matrix would hide a hole in it
[ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ]
