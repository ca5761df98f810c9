# What guest tests share; sourced. Results are KTAP.
bus=/sys/bus/nd
drv=$bus/drivers/pmem_altmap
providers=/sys/kernel/debug/pmem_altmap/providers
n=0

# busybox prefers its own applets, which know no compressed modules
modprobe() { /sbin/modprobe "$@"; }
insmod() { /sbin/insmod "$@"; }
rmmod() { /sbin/rmmod "$@"; }

plan() {
	echo "KTAP version 1"
	echo "1..$1"
}

diag() {
	echo "$*" | sed 's/^/# /'
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
	log_marker="pma-mark-$n-$(cut -d. -f1 /proc/uptime)-$$"
	echo "$log_marker" >/dev/kmsg
}

log_since() {
	dmesg | sed "1,/$log_marker/d"
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

load_stock() {
	modprobe -a nfit nd_e820 nd_pmem nd_btt dax_pmem device_dax
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

# field JSON-TEXT NAME: the first value of that name, quotes off
field() {
	printf '%s\n' "$1" | sed -n "s/^ *\"$2\": *\"\{0,1\}\([^\",]*\).*/\1/p" | head -n 1
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
