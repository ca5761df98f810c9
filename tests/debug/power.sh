#!/bin/bash
# power.sh [CUTS]: guests write records into a namespace and report each after its flush;
# QEMU is killed at a random moment of creating, attaching, writing, flushing, detaching or
# the stock driver's turn; the next guest reads, with both drivers, all that was reported,
# and goes on. One boot a cut, LANES of them at a time, each on its own image. Prints KTAP.
#   KERNEL=6.1   which kernel      LANES=2   guests at a time
#   SEED=N       the moments and the places are drawn from it; it is printed
# What is demanded after a cut, of the image on the host and of both drivers:
# - the 8 KiB head is to the byte what it was when its creation was reported. After a cut in
#   the midst of a creation it is the old one, a valid new one, or valid for neither driver;
# - a word of a record that was reported as flushed is that of this record, or of one
#   whose writing had been announced since. Stores that were not reported may be there.
# At the end a byte of a record, and then one of the info block, are changed on the host,
# which host and drivers have to notice.
set -u
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"
. "$top/tests/vm/qemu.sh"
. "$top/tests/vm/watch.sh"
. "$top/tests/debug/power_guest.sh"

cuts=${1:-200}
lanes=${LANES:-2}
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
kernel=${KERNEL:-6.1}
phases=(create attach write flush detach stock)
test=power

need qemu-system-x86_64=qemu-system-x86
lock_build
dir=$("$top/tests/vm/build.sh" "$kernel") || die "no guest for kernel $kernel"
"$top/tests/vm/accel.sh" "$dir" >/dev/null
all=$dir/log/power
rm -rf "$all"
mkdir -p "$all"
if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -gt $((lanes << 20)) ]; then
	images=$(mktemp -d /dev/shm/pmem_altmap.XXXXXX)
else
	images=$(mktemp -d "$dir/work.XXXXXX")
fi

# report CUT NAME: as a test, from what there are for complaints; then there are none
report() {
	(
		flock 9
		if [ -s "$complaints" ]; then
			echo "not ok $1 - $2"
			sed 's/^/# /' "$complaints" | head -n 60
		else
			echo "ok $1 - $2"
		fi | tee -a "$all/tap"
	) 9>"$build/print"
	: >"$complaints"
}

# after_look: by now the last cut can be judged; what follows is the next one's
after_look() {
	[ -z "$last" ] || report "$last" "cut $name: ${outcome}looked at by $first first"
	last=
}

# plan_cut: where this guest is killed: in a phase, after a part of what that takes
plan_cut() {
	aim=${phases[RANDOM % ${#phases[@]}]}
	entry=$((1 + RANDOM % 2))
	part=$((RANDOM * 120 / 32768))
	create_in=$((2 + RANDOM % 3))
	# Where there is no valid block, nothing else can be done
	if [ "$generation" = 0 ] || { [ "$aim" = create ] && [ "$entry" -eq 1 ]; }; then
		create_in=1
	fi
	plan_look
	parameters="pma_create=$create_in pma_seed=$RANDOM"
}

plan_look() {
	first=ours
	[ $((RANDOM % 2)) -eq 0 ] || first=stock
}

# lane N: every LANES-th cut, from the Nth on
lane() {
	local cut

	work=$all/lane$1
	mkdir -p "$work"
	image=$images/nv$1.img
	last=
	RANDOM=$((seed + $1))
	start_state
	trap stop_guest EXIT
	trap exit INT TERM
	for ((cut = $1; cut <= cuts; cut += lanes)); do
		plan_cut
		boot "$cut" "pma_first=$first $parameters"
		# Only a guest that did not come that far leaves the last one unjudged
		after_look
		last=$cut
		name="in $phase, $moment ms after it began"
		after_cut
		echo "$phase $moment ${outcome%, }" >>"$work/cuts"
	done
	only_look last-look
	after_look
	[ "$1" -ne 1 ] || proofs
}

# only_look NAME: boot, read all, and power off
only_look() {
	aim='' entry=1
	plan_look
	boot "$1" "pma_first=$first pma_verify=only"
}

# proof TEST NAME OFFSET: change a byte of the image: host and drivers have to see it
proof() {
	local byte who known=$generation

	if [ ! -s "$complaints" ]; then
		byte=$(od -An -tu1 -j "$3" -N 1 "$image")
		poke $((byte ^ 1)) "$3"
		creating='' wrong_head=''
		after_cut
		generation=$known
		only_look "proof-$1"
		poke "$byte" "$3"
		mv "$complaints" "$work/complaints.seen"
		: >"$complaints"
		for who in host ours stock; do
			grep -m 1 "^$who: " "$work/complaints.seen" >>"$work/seen" ||
				complain "nothing was seen by: $who"
		done
	fi
	report "$1" "$2"
}

# poke BYTE OFFSET
poke() {
	# shellcheck disable=SC2059 # an escape
	printf "\\x$(printf %x "$1")" | dd of="$image" bs=1 seek="$2" conv=notrunc status=none
}

# proofs: that what is looked for is seen, for the two last tests but the figures
proofs() {
	local offset

	# The last cut may have left nothing to be spoiled
	if [ "$generation" = 0 ] || [ "${#flushed[@]}" -eq 0 ]; then
		aim=flush entry=3 part=50
		boot proof "pma_first=ours pma_create=1 pma_seed=1"
		after_cut
		only_look proof-look
	fi
	for offset in "${!flushed[@]}"; do
		break
	done
	proof $((cuts + 1)) "a byte of a record that changes is seen by host and drivers" \
		$((dataoff + offset + 4242))
	read_block
	proof $((cuts + 2)) "a byte of the info block that changes is seen by host and drivers" 5000
}

# table: in which phases the cuts were, and how far into them. A namespace that was just
# made is in the stock driver's phase already when it is reported: what is left of a
# creation is told for cuts of that phase as well.
table() {
	cat "$all"/lane*/cuts | awk -v names="${phases[*]}" '
	{
		count[$1]++
		if (!($1 in low) || $2 < low[$1]) low[$1] = $2
		if ($2 > high[$1]) high[$1] = $2
		if (NF > 2) { sub(/^[^ ]* [^ ]* /, ""); ends[$0]++ }
	}
	END {
		n = split(names, name, " ")
		printf "# %-8s %5s  %s\n", "phase", "cuts", "ms after its start"
		for (i = 1; i <= n; i++)
			printf "# %-8s %5d  %d to %d\n", name[i], count[name[i]], low[name[i]], high[name[i]]
		printf "# cuts before a creation was reported left"
		for (end in ends)
			printf " %s: %d;", end, ends[end]
		printf "\n"
	}'
}

figures() {
	cat "$all"/lane*/figures | awk '
	{ records[$1] += $2; bytes[$1] += $3; torn[$1] += $4 }
	END {
		for (who in records)
			printf "# verified by %s: %d records, %d bytes; %d of the records were torn between old and new\n",
				who, records[who], bytes[who], torn[who]
	}'
}

every_phase() {
	local name hit

	for name in "${phases[@]}"; do
		hit=$(cat "$all"/lane*/cuts | grep -c "^$name ")
		echo "$name: $hit, wanted $((cuts / 20))"
		[ "$hit" -ge $((cuts / 20)) ] || return 1
	done
	! cat "$all"/lane*/cuts | grep -vE "^($(IFS='|' && echo "${phases[*]}")) "
}

# A cut is followed by a look at some 100 records, unless it was in creating
enough_verified() {
	local who

	for who in host ours stock; do
		awk -v who=$who -v want=$((cuts * 20)) '$1 == who { records += $2 }
			END { print who ": " records + 0 " records, wanted " want; exit records < want }' \
			"$all"/lane*/figures || return
	done
}

echo "KTAP version 1"
echo "1..$((cuts + 4))" | tee "$all/tap"
echo "# kernel $(cat "$dir/release"), $cuts cuts, SEED=$seed LANES=$lanes"
start=$SECONDS
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$images"' EXIT
trap exit INT TERM
for ((i = 1; i <= lanes && i <= cuts; i++)); do
	lane $i 2>"$all/err$i" &
	pids+=($!)
done
wait "${pids[@]}"

log=$all/check
n=$((cuts + 2))
failed=0
{
	check "every phase was hit" every_phase
	check "host and drivers have each verified $((cuts * 20)) records or more" enough_verified
	table
	figures
	sed 's/^/# proof: /' "$all"/lane*/seen
	echo "# $((SECONDS - start)) s"
} | tee -a "$all/tap"
read -r passed failed _ < <(tap_sum "$all/tap")
echo "# $passed passed, $failed failed; logs are in $all"
[ "$failed" -eq 0 ]
