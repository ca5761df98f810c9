#!/bin/bash
# run.sh [ROW...]: ours and the stock driver on one namespace, in time and in
# instructions, on each kernel of KERNEL. Without KERNEL and rows, that is name prefixes,
# the results go to docs/benchmarks.md and docs/benchmarks.json as well. BENCH_ROUNDS and
# BENCH_COUNTED are the rounds of time and of instructions. BENCH_REUSE=1 makes the tables
# of what the guests of an earlier run have left in build/bench, and boots none.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

# What differs between kernels is to be seen: Debian 12's and the newest
read -ra benched <<<"${KERNEL:-6.1 7.3}"
rounds=${BENCH_ROUNDS:-5}
counted=${BENCH_COUNTED:-3}
need qemu-system-x86_64=qemu-system-x86 jq=jq
lock_build
rows=$*
rows=${rows//[[:space:]]/,}

# boot ACCEL ROUNDS FACTOR FILE [PARAMETER]: rows of a guest of $kernel
boot() {
	PMA_ACCEL=$1 PMA_APPEND="bench_rounds=$2 bench_rows=$rows ${5:-}" \
		PMA_TIMEOUT_FACTOR=$((${PMA_TIMEOUT_FACTOR:-1} * $3)) \
		"$top/tests/vm/guest.sh" "$kernel" bench >"$4" 2>&1 || {
		grep -av '^row ' "$4" | tail -n 20 >&2
		die "the guest failed, its logs are in $dir/log/bench"
	}
	grep -aq '^row ' "$4" || die "no row is named so: ${rows:-none}"
}

# measure KERNEL: its rows, to the files time and instructions of $out
measure() {
	local kernel=$1 dir accel

	say "building the module for stock kernel $kernel"
	dir=$("$top/tests/vm/build.sh" "$kernel")
	accel=$("$top/tests/vm/accel.sh" "$dir")
	say "measuring time under $accel, $rounds rounds"
	boot "$accel" "$rounds" 1 "$out/time"
	say "counting instructions, $counted rounds"
	# Waits for RCU are no instructions, but in that clock they count
	boot icount "$counted" 2 "$out/instructions" rcupdate.rcu_expedited=1
	echo "under $accel with two CPUs, $rounds rounds, and $counted of instructions, on $(date -u +%F)" >"$out/how"
}

# medians MODE FILE: lines of JSON {mode, name, kind, unit, value, spread}
medians() {
	jq -cR --arg mode "$1" 'select(startswith("row ")) | split(" ")
		| {mode: $mode, name: .[1], kind: .[2], value: (.[3] | tonumber), unit: .[4]}' "$2" |
		jq -cs 'group_by([.name, .kind])[] | ([.[].value] | sort) as $v | .[0]
			| ($v | length) as $n
			| .value = ($v[($n - 1) / 2 | floor] + $v[$n / 2 | floor]) / 2
			| .spread = $v[-1] - $v[0]'
}

# release_of: the kernel's own release, as the guest of $out has said
release_of() {
	sed -n 's/^kernel //p' "$out/time"
}

# tables: of $out. One object for each row, in the order of the guest's lines. What map=mem
# is compared with is ours with map=dev.
tables() {
	{
		medians time "$out/time"
		medians instructions "$out/instructions"
	} | jq -s --argjson order "$(grep -ah '^row ' "$out/time" | awk '!seen[$2]++ { print $2 }' | jq -R . | jq -cs .)" '
		def is_cost: .unit | endswith("/s") | not;
		def ratio: if .ours == null or .stock == null or .stock == 0 or .ours == 0 then null
			else (if .rate then .stock / .ours else .ours / .stock end) * 1000 | round / 1000 end;
		. as $all
		| def pick($mode; $name; $kind): first($all[] | select(.mode == $mode and .name == $name and .kind == $kind)) // null;
		[$order[] as $name | ("stock", "mem") as $kind
			| pick("time"; $name; $kind) as $stock | select($stock)
			| pick("time"; $name; "ours") as $ours | select($ours)
			| pick("instructions"; $name; $kind) as $istock
			| pick("instructions"; $name; "ours") as $iours
			| {
				name: ($name + (if $kind == "mem" then "-against-map-mem" else "" end)),
				ours: $ours.value, ours_spread: $ours.spread,
				stock: $stock.value, stock_spread: $stock.spread,
				unit: $ours.unit, rate: ($ours.unit | endswith("/s")),
				bytes: ($ours.unit == "bytes"),
				i: (if $iours and $istock then {ours: $iours.value, stock: $istock.value,
					ours_spread: $iours.spread, stock_spread: $istock.spread,
					rate: ($ours.unit | endswith("/s"))} else null end)
			}
			| .ratio_time = (if .bytes then null else ratio end)
			| .ratio_instructions = (if .bytes or .i == null then null else .i | ratio end)]
	' >"$out/rows.json"

	jq --arg kernel "$(release_of)" '[.[] | {kernel: $kernel, name, ours, ours_spread, stock,
		stock_spread, unit, ratio_time, ratio_instructions}]' "$out/rows.json" >"$out/benchmarks.json"

	# Instructions are those of one, where time is a rate
	jq -r '
		def short: if . == null then "-" elif fabs >= 100 then round
			else . * 100 | round / 100 end | tostring;
		def fixed: if . == null then "-" else
			(. * 1000 | round) as $n | ($n % 1000 | tostring) as $f
			| "\($n / 1000 | floor).\("000"[:3 - ($f | length)])\($f)" end;
		def spread($value; $spread): "\($value | short) (\($spread | short))";
		def each: if .rate then {
				ours: (1e9 / .ours), stock: (1e9 / .stock),
				ours_spread: (1e9 / .ours * .ours_spread / .ours),
				stock_spread: (1e9 / .stock * .stock_spread / .stock)}
			else . end;
		"| row | unit | ours | stock | ratio | instructions, ours | stock | ratio |",
		"|---|---|--:|--:|--:|--:|--:|--:|",
		(.[] | "| \(.name) | \(.unit) | \(spread(.ours; .ours_spread)) | \(spread(.stock; .stock_spread)) | "
			+ "\(.ratio_time | fixed) | "
			+ (if .bytes or .i == null then "- | -" else .i | each
				| "\(spread(.ours; .ours_spread)) | \(spread(.stock; .stock_spread))" end)
			+ " | \(.ratio_instructions | fixed) |")
	' "$out/rows.json" >"$out/table"
}

for kernel in "${benched[@]}"; do
	out=$build/bench/$kernel
	mkdir -p "$out"
	[ -n "${BENCH_REUSE:-}" ] || measure "$kernel"
	tables
done

if [ -z "${KERNEL:-}$rows" ]; then
	out=$build/bench
	{
		cat <<-EOF
		# Benchmarks

		Generated by \`make bench\`: do not edit. Each kernel has a table of its own, in a guest of
		$(qemu-system-x86_64 --version | sed -n '1s/ (.*//p') with 3 GiB of RAM and an emulated NVDIMM of 4 GiB.

		Ours and the stock driver (device_dax by way of dax_pmem, \`--map=dev\`) take turns on
		one namespace in one guest. A value is the median, in brackets is the spread: the
		largest less the smallest. A **ratio** of 1.00 or lower says that ours is not worse:
		it is ours/stock for costs, and stock/ours for rates (units that end in /s).

		- **Time**: on two CPUs. An emulated CPU says little about a real one, and what else the host
		  does shows in the spread.
		- **Instructions**: under \`-accel tcg -icount shift=0,sleep=off -smp 1\`, where the
		  guest's clock counts instructions, and time that the guest spends idle; so that this
		  is little, it has the parameter \`rcupdate.rcu_expedited=1\`. For rates they are those of
		  one fault, or of one MiB.

		Names end with the align of the namespace; those of fio with the size of its blocks, its
		align is 2 MiB.

		- **attach**, **detach**: the write to \`bind\` and \`unbind\` of \`pmem_altmap\` with the namespace's
		  name, and of \`dax_pmem\` with the name of the dax device that libnvdimm has made of the
		  namespace. Both read and check the info block, add the memory and make the node in
		  that write. Stock's way from nd_pmem to dax_pmem is left out: it is asynchronous.
		  Before the memory goes, ours looks for references that are left, and waits for them:
		  at each data page (of 2 MiB or 1 GiB: at the first of each) of a section of 128 MiB
		  that was ever mapped. The stock driver does not. **detach-touched** is the most that
		  this costs: a page of each section was mapped before. And before the memory comes,
		  ours reads the place of the memmap once, for media errors; **attach-noscan** is
		  attaching without that (\`scan=N\`). That look is about as many instructions on each
		  kernel; its ratio is larger where the kernel's own part of an attach is smaller, as on
		  newer ones.
		- **dram**: what free DRAM falls by; some 100 KiB either way are noise, so it can be
		  less than nothing. **capacity-lost**: bytes of the namespace that are not data.
		- **faults**: each unit of a fresh mapping is written to once: 16384 of 4 KiB, 512 of
		  2 MiB, all of 1 GiB (32 times over).
		- **direct**: O_DIRECT to and from a raw pmem block device, 64 blocks of 1 MiB.
		- **pin**: 1 GiB, with io_uring's registered buffers, or where the kernel does not
		  register those of mapped files (before 6.3), as memory of an AF_XDP socket. That one
		  unpins in the background; so **pin-unpin** registers 1 GiB and a page that is not
		  there, for which everything is pinned, and unpinned before the call fails.
		- **fio**: the dev-dax engine, 64 MiB twice, by the mean latency of a block.
		- **against-map-mem**: in the column stock is device_dax with \`--map=mem\`.

		EOF
		for kernel in "${benched[@]}"; do
			cat <<-EOF

			## Kernel $(out=$out/$kernel release_of)

			Time $(cat "$out/$kernel/how").

			EOF
			cat "$out/$kernel/table"
		done
	} >"$out/benchmarks.md"
	for kernel in "${benched[@]}"; do
		cat "$out/$kernel/benchmarks.json"
	done | jq -s '{rows: add}' >"$out/benchmarks.json"
	cp "$out/benchmarks.md" "$out/benchmarks.json" "$top/docs/"
	say "written: docs/benchmarks.md and docs/benchmarks.json"
fi
for kernel in "${benched[@]}"; do
	echo "kernel $kernel"
	cat "$build/bench/$kernel/table"
done
