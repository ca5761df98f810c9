#!/bin/bash
# rounds.sh [ROW...]: attach and detach many times, and see what it costs: the guest test
# rounds with the numbers of a row, "KERNEL DRIVER SIZE ALIGN ROUNDS"; DRIVER is ours, stock
# (--map=dev) or stock-mem (--map=mem). Without rows, those below, which take hours. Two
# guests at a time, of different kernels. Prints KTAP, and a table in bytes for each round.
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

programme=(
	"6.1 ours 64G 2M 1000" "6.1 ours 2112M 2M 10000"
	"6.1 stock 64G 2M 100" "6.1 stock 2112M 2M 1000"
	"6.1 stock-mem 64G 2M 20" "6.1 stock-mem 2112M 4K 100"
	"7.2 ours 64G 2M 100" "7.2 ours 2112M 2M 1000"
	"7.2 stock 64G 2M 100" "7.2 stock 2112M 2M 1000"
	"7.2 stock-mem 64G 2M 20" "7.2 stock-mem 2112M 4K 100"
	"7.3 ours 64G 2M 100" "7.3 ours 2112M 2M 1000"
	"7.3 stock 64G 2M 100" "7.3 stock 2112M 2M 1000"
	"7.3 stock-mem 64G 2M 20" "7.3 stock-mem 2112M 4K 100"
)

need qemu-system-x86_64=qemu-system-x86
lock_build
out=$build/rounds

# one KERNEL: its rows, in turn
one() {
	local kernel=$1 driver size align rounds name

	while read -r driver size align rounds; do
		name=$kernel-$driver-$size-$align-$rounds
		PMA_APPEND="pma_driver=$driver pma_align=$align pma_rounds=$rounds" \
			PMA_ROUNDS_SIZE=$size PMA_TIMEOUT_FACTOR=$((rounds / 20 + 2)) \
			guest "$kernel" rounds "$out/$name"
		say "$name is done"
	done < <(sed -n "s/^$kernel //p" "$out/programme")
}

if [ "${1:-}" = one ]; then
	one "$2"
	exit
fi
[ $# -eq 0 ] || programme=("$@")
rm -rf "$out"
mkdir -p "$out"
printf '%s\n' "${programme[@]}" >"$out/programme"
mapfile -t kernels < <(cut -d' ' -f1 "$out/programme" | sort -u)
for kernel in "${kernels[@]}"; do
	dir=$("$top/tests/vm/build.sh" "$kernel")
	"$top/tests/vm/accel.sh" "$dir" >/dev/null
done
printf '%s\n' "${kernels[@]}" | xargs -L 1 -P 2 "$0" one

taps=()
while read -r name; do
	taps+=("$out/$name")
	sed -nE "s/^((not )?ok [0-9]+) - /\1 - ${name%%-*} /p" "$out/$name"
done < <(tr ' ' - <"$out/programme")

# slope FILE FIELD: for each round
slope() {
	sed -n "s/^# slope $2 \([^ ]*\) .*/\1/p" "$1"
}
printf '# %-5s %-9s %-6s %-5s %7s %8s %13s %13s %9s %9s\n' kernel driver size align rounds \
	s/round dram_free MemAvailable Slab objects
while read -r kernel driver size align rounds; do
	file=$out/$kernel-$driver-$size-$align-$rounds
	objects=$(awk '$2 == "slope" && $3 ~ /^slab:/ { sum += $4 } END { printf "%.3f", sum }' "$file")
	printf '# %-5s %-9s %-6s %-5s %7s %8s %13s %13s %9s %9s\n' "$kernel" "$driver" "$size" "$align" \
		"$(sed -n 's/^# rounds: .* \([0-9]*\) rounds of .*/\1/p' "$file")" \
		"$(sed -n 's/^# rounds: .* rounds of \([^ ]*\) s.*/\1/p' "$file")" \
		"$(slope "$file" dram_free)" "$(slope "$file" MemAvailable)" "$(slope "$file" Slab)" "$objects"
done <"$out/programme" | tee "$out/table"
# guest.sh adds its own two to the guest's plan
for tap in "${taps[@]}"; do
	grep -q '^ok ' "$tap" || echo "not ok - ${tap##*/}: no results" >>"$tap"
	plan=$(sed -n 's/^1\.\.//p' "$tap" | head -n 1)
	sed -i "s/^1\.\..*/1..$((plan + 2))/" "$tap"
done
# A merged stream has one plan, of the sum of the guests' own
echo "1..$(cat "${taps[@]}" | sed -n 's/^1\.\.//p' | awk '{ sum += $1 } END { print sum + 0 }')"
read -r passed failed skipped < <(tap_sum "${taps[@]}")
echo "# $passed passed, $failed failed, $skipped skipped: each guest's output is in $out"
[ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ]
