#!/bin/bash
# guest.sh KERNEL TEST: boot a guest for one test of tests/vm/guest, and stream
# the test's own output (KTAP). Its header says what machine it wants:
#   # guest: mem=2G             RAM
#   # guest: cpu=...            properties of the emulated CPU, none of the host's
#   # guest: machine=...        in place of q35,nvdimm=on
#   # guest: extra=fio          a root with fio in it; pmem2: and with libpmem2
#                               pmdk: with libpmem, libpmem2, daxio and pmempool
#                               stress: with stress-ng and trinity, in debug kernels
#   # guest: census=yes        needs a kernel that lets every altmap be looked at
#   # guest: stock=none         does without the stock device-dax
#   # guest: smp=2              virtual CPUs
#   # guest: kaslr=yes           boot the whole image, at a random address on each kernel
#   # guest: when=debug         for debug kernels only, unless asked for by its name
#   # guest: when=stock         not for debug kernels, unless asked for by its name
#   # guest: append=...         kernel parameters
#   # guest: qemu=...           QEMU options
#   # guest: nvdimm=8194M,label-size=2M    one line each; the size and then the
#                               properties of its device
#   # guest: silence=120        seconds of QEMU's CPU time in which the test may say
#                               nothing: see watch.sh
#   # guest: long=yes          one of the slowest, which run.sh starts first
# A debug kernel gets 1 GiB of RAM more for its shadow and six times the time.
# PMA_TIMEOUT_FACTOR multiplies the limits, for longer runs of a test.
# PMA_ACCEL=kvm|tcg|icount says how it is emulated (icount: one instruction is one
# nanosecond of the guest's clock), PMA_APPEND adds kernel parameters.
# A file TEST.host beside it may define devices(), which prints further nvdimm
# lines, and prepare() and verify(), which are called in the folder with nv0.img,
# nv1.img, ... before and after; verify() prints "STATUS NAME" for each test. Two tests come at the end of every guest:
# it came to its end, and the kernel's log is clean. All results are in log/TEST.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"
. "$top/tests/vm/qemu.sh"
. "$top/tests/vm/watch.sh"

kernel=$1
test=$2
dir=$build/vm/$kernel
script=$top/tests/vm/guest/$test.sh
[ -e "$script" ] || die "no guest test '$test': see tests/vm/guest"

log=$dir/log/$test
rm -rf "$log"
mkdir -p "$log"
# The emulated devices live in memory where there is enough of it
if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -gt $((12 << 20)) ]; then
	work=$(mktemp -d "/dev/shm/pmem_altmap.XXXXXX")
else
	work=$(mktemp -d "$dir/work.XXXXXX")
fi
trap 'rm -rf "$work"' EXIT

setting() {
	sed -n "s/^# guest: $1=//p" "$script"
}

mem=$(setting mem)
cpu=$(setting cpu)
machine=$(setting machine)
smp=$(setting smp)
kaslr=$(setting kaslr)
extra=$(setting extra)
watch_limits "$(setting silence)"
mem=${mem:-2G}
append=$(setting append)
qemu_debug
qemu_options

host() {
	(
		cd "$work"
		devices() { :; }
		prepare() { :; }
		verify() { :; }
		[ ! -e "$top/tests/vm/guest/$test.host" ] ||
			. "$top/tests/vm/guest/$test.host"
		"$1"
	)
}

i=0
while read -r size properties; do
	qemu_nvdimm "$i" "$work/nv$i.img" "$size" "$properties"
	i=$((i + 1))
done < <({ setting nvdimm; host devices; } | sed 's/,/ /')

host prepare >"$log/prepare"
while read -r option; do
	# shellcheck disable=SC2206 # words, as on a command line
	options+=($option)
done < <(setting qemu | sed "s|@work@|$work|g")

touch "$log/console" "$log/output" "$log/gcda.base64"
start=$(date +%s)
status=0
{
	qemu-system-x86_64 "${options[@]}" </dev/null 2>"$log/qemu" &
	qemu=$!
	watch_guest $qemu "$log" >/dev/null 2>&1 8>&- &
	wait $qemu || status=$?
	# The second line is what QEMU took
	times >"$log/times"
	exit $status
} | stdbuf -oL tr -d '\r' | tee "$log/output" || status=$?
end=$(date +%s)

plan=$(sed -n 's/^1\.\.//p' "$log/output" | head -n 1)
seen=$(grep -acE '^(not )?ok ' "$log/output" || :)
extra=0
failed=0
result() {
	extra=$((extra + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $((seen + extra)) - $2"
	else
		echo "not ok $((seen + extra)) - $2"
	fi
}

# What the host sees after the guest; lines "STATUS NAME"
host verify >"$log/verify"
{
	while read -r rc name; do
		result "$rc" "$name"
	done <"$log/verify"

	if [ "$status" -eq 0 ] && grep -aq '^# guest done, status 0' "$log/output"; then
		result 0 "the guest came to its end ($((end - start)) s)"
	else
		# Where only the names of results are left of a log, they have to say why
		# What it died of may stand far above the end
		trace=$(tr -d '\r\0' <"$log/console" | grep -aE -m 1 -A 30 "$died" || :)
		why=$(head -n 1 <<<"$trace" | grep -oE "($died).*" | tr '#' ' ' || :)
		stopped=$(cat "$log/stopped" 2>/dev/null || :)
		result 1 "the guest came to its end (QEMU's status $status, $((end - start)) s${stopped:+, stopped: $stopped}${why:+: $why})"
		sed 's/^/# /' "$log/qemu"
		trace=${trace:-$(tail -n 15 "$log/console" | tr -d '\r\0')}
		printf '# %s\n' "${trace//$'\n'/$'\n# '}"
	fi

	# Whatever else a test looked at. A test gives patterns after the stock driver has
	# caused such a line
	tr -d '\r' <"$log/console" | sed -n 's/.*pma-kernel-bug //p' >"$log/kernel-bugs"
	if [ ! -s "$log/console" ]; then
		result 1 "the kernel log is there"
	elif kernel_complains "$log/console" "$log/kernel-bugs" >"$log/bad"; then
		result 1 "the kernel log is clean: $(head -n 1 "$log/bad" | tr -d '\r' | tr '#' ' ')"
		sed 's/^/# /' "$log/bad" | tr -d '\r' | head -n 20
	else
		result 0 "the kernel log is clean"
	fi

	# What the debug kernel's own watchers say
	if [ -e "$dir/debug" ]; then
		rc=0
		grep -aqx '# debug: debug_locks 1' "$log/output" || rc=$?
		result $rc "lockdep was on to the end"
		rc=0
		grep -aqxE '# debug: (leaks 0, of those made 1|locked down from the start, kmemleak cannot be asked)' \
			"$log/output" || rc=$?
		result $rc "kmemleak finds the leak that was made and no other, unless it was locked down from the start"
		rc=0
		grep -aqx '# debug: locked down, no coverage' "$log/output" ||
			"$top/tests/debug/gcov.sh" "$kernel" "$test" >"$log/gcov" 2>&1 || rc=$?
		result $rc "it brings the coverage back, unless it is locked down"
	fi
} >"$log/extra"
cat "$log/extra"

extra=$(grep -acE '^(not )?ok ' "$log/extra")
{
	echo "1..$((${plan:-0} + extra))"
	grep -avE '^(1\.\.|KTAP)' "$log/output" || :
	cat "$log/extra"
} >"$log/tap"
read -r _ failed _ < <(tap_sum "$log/tap")
[ "$failed" -eq 0 ]
