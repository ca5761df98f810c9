# What guest tests share; sourced. Results are KTAP.
bus=/sys/bus/nd
drv=$bus/drivers/pmem_altmap
providers=/sys/kernel/debug/pmem_altmap/providers
n=0
# What free DRAM can move by besides: KASAN keeps what is freed for a while. A debug kernel
# has kmemleak to look for leaks.
noise=0
[ ! -e /sys/kernel/debug/kmemleak ] || noise=$((64 << 20))

# The kernels that know no guard regions, and count no mapped page of device memory
before_6_15='5\.[0-9]+|6\.([0-9]|1[0-4])'

# busybox prefers its own applets, which know no compressed modules
modprobe() { /sbin/modprobe "$@"; }
insmod() { /sbin/insmod "$@"; }
rmmod() { /sbin/rmmod "$@"; }

plan() {
	echo "KTAP version 1"
	echo "1..$1"
}

# A process costs an emulated CPU more than most tests do, so one line takes none
diag() {
	case $* in
	*"
"*) echo "$*" | sed 's/^/# /' ;;
	*) echo "# $*" ;;
	esac
}

# ok STATUS NAME
ok() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
	fi
}

# is GOT WANT NAME
is() {
	[ "$1" = "$2" ]
	ok $? "$3"
	[ "$1" = "$2" ] || diag "got '$1', want '$2'"
}

# try NAME COMMAND...: passes when the command does
try() {
	try_name=$1
	shift
	try_out=$("$@" 2>&1)
	try_rc=$?
	ok $try_rc "$try_name"
	[ $try_rc -eq 0 ] || diag "$*: status $try_rc: $try_out"
}

# What nothing can be tested without
must() {
	must_out=$("$@" 2>&1) && return
	diag "cannot set up: $*: $must_out"
	echo "Bail out! set-up failed"
	exit 1
}

# A line in the kernel log from which log_since reads
log_mark() {
	log_marks=$((${log_marks:-0} + 1))
	echo "pma-mark-$log_marks-" >/dev/kmsg
}

log_since() {
	dmesg | awk -v mark="pma-mark-$log_marks-" '
		seen { print }
		!seen && index($0, mark) { seen = 1 }
		END {
			if (!seen)
				print "the kernel log has lost " mark ": pmem_altmap cannot be judged"
		}'
}

# probe_failed DEVICE: a pattern of what the driver core says, before and since v6.12
probe_failed() {
	echo "\(probe of $1\| $1: probe with driver [a-z_]*\) failed with error"
}

# known_leak FUNCTION: what kmemleak says was allocated in it or below is no leak of ours
known_leak() {
	{ echo "$1" >>/run/known-leaks; } 2>/dev/null
}
# Binding a device that is just being added: see docs/reliability.md
known_leak device_set_deferred_probe_reason

# kernel_bug PATTERN: the kernel's log may have such lines after all, in this guest. To
# be called when the stock driver has just been seen to cause one.
kernel_bug() {
	echo "pma-kernel-bug $1" >/dev/kmsg
}

# bind_error TEXT: what writing to bind says where a probe fails so. Before v5.14 the
# driver core keeps the error for itself.
bind_error() {
	case $(uname -r) in
	5.1[0-3].*) echo "No such device" ;;
	*) echo "$1" ;;
	esac
}

errno_number() {
	case $1 in
	"Operation not permitted") echo 1 ;;
	"Input/output error") echo 5 ;;
	"No such device or address") echo 6 ;;
	"Device or resource busy") echo 16 ;;
	"No such device") echo 19 ;;
	"Invalid argument") echo 22 ;;
	"No space left on device") echo 28 ;;
	"Read-only file system") echo 30 ;;
	"Numerical result out of range") echo 34 ;;
	"Bad message") echo 74 ;;
	"Operation not supported") echo 95 ;;
	*) echo "unknown to the tests" ;;
	esac
}

# refused NAME NAMESPACE ERROR TEXT: bind is refused, with one line of ours in the
# log that has the text, the driver core's word if the errno is one it mentions, and
# nothing else; and nothing is held
refused() {
	r_iomem=$(cat /proc/iomem)
	r_held=$(ls $providers)
	log_mark
	attach "$2"
	is "$errno" "$(bind_error "$3")" "$1: error"
	case $3 in
	"No such device"*) r_core=0 ;;
	*) r_core=1 ;;
	esac
	r_lines=$(log_since | grep pmem_altmap)
	is "$(echo "$r_lines" | grep -c "pmem_altmap $2: not attached (error -$(errno_number "$3")): .*$4") $(echo "$r_lines" | grep -c "$(probe_failed "$2")") $(echo "$r_lines" | wc -l)" \
		"1 $r_core $((r_core + 1))" "$1: one line that says why"
	diag "$r_lines"
	is "$(ls $providers; cat /proc/iomem)" "${r_held:+$r_held
}$r_iomem" "$1: nothing is held"
}

# median NUMBER...: what somebody else did in one round does not count
median() {
	printf '%s\n' "$@" | sort -n | sed -n $((($# + 1) / 2))p
}

# Bytes of DRAM that attaching takes: the median of some rounds
dram_taken() {
	dt_all=
	for dt_i in 1 2 3 4 5; do
		dt_before=$(mem_free)
		attach "$1" || return
		dt_all="$dt_all $((dt_before - $(mem_free)))"
		detach "$1" || return
	done
	# shellcheck disable=SC2086 # words
	median $dt_all
}

# dram_agrees NAMESPACE BYTES NAME: a few page tables and usage maps come on top,
# and the noise of a guest
dram_agrees() {
	da_taken=$(dram_taken "$1")
	diag "$3: dram_memmap $2, free DRAM fell by $da_taken"
	[ "${da_taken:-none}" -ge $(($2 - 131072 - noise)) ] &&
		[ "$da_taken" -le $(($2 + 131072 + noise)) ]
	ok $? "$3"
}

# stock COMMAND...: what it does to the kernel's log is not our driver's doing
stock() {
	echo pma-stock-begin >/dev/kmsg
	"$@"
	stock_rc=$?
	echo pma-stock-end >/dev/kmsg
	return $stock_rc
}

# stock_map_mem NAMESPACE: let the stock driver try to put a memmap into DRAM that
# is larger than that. It takes every page before it fails, and does not give them
# back; so a process keeps some from it that what follows can live on. Nothing may
# fork until that one is gone.
stock_map_mem() {
	mkfifo /tmp/hog
	exec 9<>/tmp/hog
	dd if=/dev/zero of=/tmp/hog bs=300M count=1 2>/dev/null &
	hog=$!
	sleep 2
	echo pma-stock-begin >/dev/kmsg
	ndctl create-namespace -f -e "$1" --mode=devdax --map=mem --align=4K >/dev/null 2>&1
	kill -9 $hog
	wait $hog 2>/dev/null
	exec 9<&-
	echo pma-stock-end >/dev/kmsg
}

# write TEXT FILE: like echo, but the errno is in $errno as a word
write() {
	errno=$( (echo "$1" >"$2") 2>&1) && errno=0 && return
	errno=${errno##*: }
	return 1
}

# settle: wait until libnvdimm is through with what it finds. Regions and namespaces
# are added in the background; nobody waits for it who writes to a bind file.
settle() {
	cat $bus/devices/ndbus*/wait_probe >/dev/null
}

load_nfit() {
	modprobe nfit && settle
}

load_stock() {
	modprobe -a nfit nd_e820 nd_pmem nd_btt dax_pmem device_dax && settle
}

# devdax_create NAMESPACE [OPTION...]: format it, print ndctl's JSON
devdax_create() {
	dc_name=$1
	shift
	ndctl create-namespace -f -e "$dc_name" --mode=devdax --map=dev "$@"
}

# real_labels REGION NMEM: QEMU's label area starts out empty
real_labels() {
	must ndctl disable-region "$1"
	must ndctl init-labels -f "$2"
	must ndctl enable-region "$1"
	must settle
}

# namespace_at ADDRESS: the first namespace of the region that starts there
namespace_at() {
	for at_region in "$bus"/devices/region*; do
		if [ $(($(cat "$at_region/resource"))) -eq $(($1)) ]; then
			echo "namespace${at_region##*region}.0"
		fi
	done
}

# dax_of NAMESPACE: its device-dax node while the stock driver has it
dax_of() {
	field "$(ndctl list -n "$1")" chardev
}

allow() {
	write "$1" $drv/allow
}

attach() {
	allow "$1" && write "$1" $drv/bind
}

detach() {
	write "$1" $drv/unbind
}

counter() {
	cat "$providers/$1/$2"
}

# The functions of this kernel that our module may map data with, for pma_hold
inserts() {
	for in_name in mixed page_mkwrite pfn_pmd pfn_pmd_prot folio_pmd; do
		grep -o " [Tt] vmf_insert_$in_name\$" /proc/kallsyms
	done | cut -d' ' -f3 | paste -sd ,
}

# symbol_of OLD[|NEW...]: the last of these names that the kernel has, or else the first
symbol_of() {
	so_name=${1%%|*}
	for so_symbol in $(echo "$1" | tr '|' ' '); do
		! grep -q " $so_symbol$" /proc/kallsyms || so_name=$so_symbol
	done
	echo "$so_name"
}

# field JSON-TEXT NAME: the first value of that name, quotes off
field() {
	printf '%s\n' "$1" | sed -n "s/^ *\"$2\": *\"\{0,1\}\([^\",]*\).*/\1/p" | head -n 1
}

# said TEXT: a program in the background, whose output is /tmp/out, says so soon. As all
# that waits, it gives a slow machine much time: a guest that hangs is ended from outside.
said() {
	for _ in $(seq 300); do
		grep -q "$1" /tmp/out && return
		sleep 0.2
	done
	diag "$(cat /tmp/out)"
	return 1
}

# Files of ours in debugfs that cannot be read
unreadable() {
	find /sys/kernel/debug/pmem_altmap -type f | while read -r file; do
		cat "$file" >/dev/null 2>&1 || echo "$file"
	done
}

# Free DRAM in bytes: MemFree, and what the CPUs' own free lists hold of it, which
# is megabytes that MemFree does not know. Their counters are folded in first.
mem_free() {
	echo 3 >/proc/sys/vm/drop_caches
	cat /proc/sys/vm/stat_refresh
	awk '$1 == "MemFree:" { free = $2 * 1024 }
		$1 == "count:" { free += $2 * 4096 }
		END { printf "%.0f\n", free }' /proc/meminfo /proc/zoneinfo
}

# The same after KASAN has given back what it keeps: of freed objects up to a 32nd of all
# DRAM, which shrinking their caches frees; and the shadow of freed vmalloc areas that are
# not purged yet, up to 15 MiB on two CPUs. A module that comes and goes purges them.
# Takes seconds in a debug kernel, so not for loops.
settled_noise=$((noise / 16))
mem_settled() {
	local cache

	if [ $noise -ne 0 ]; then
		# What this frees, after a grace period, is kept as well
		echo 3 >/proc/sys/vm/drop_caches
		sleep 1
		for cache in /sys/kernel/slab/*; do
			# A link is another name of a cache
			[ -L "$cache" ] || [ ! -e "$cache/shrink" ] || echo 1 >"$cache/shrink"
		done
		insmod /tests/modules/pma_failpoint.ko && rmmod pma_failpoint || return
	fi
	mem_free
}
