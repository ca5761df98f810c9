# The story that 'make demo' tells; no test, but each step must succeed.
# guest: mem=2G
# guest: nvdimm=8G
# guest: nvdimm=256G
. ./lib.sh

title() {
	printf '\n--- %s\n' "$*"
}

# run COMMAND...: show it, then do it; the story ends where one fails
run() {
	echo "\$ $*"
	sh -c "$*" || {
		echo "failed: $*"
		exit 1
	}
}

human() {
	awk -v n="$1" 'BEGIN {
		split("B KiB MiB GiB TiB", unit)
		for (i = 1; (n >= 1024 || n <= -1024) && i < 5; i++)
			n /= 1024
		printf(i > 1 ? "%.1f %s" : "%d %s", n, unit[i])
	}'
}

bind() {
	run "ndctl disable-namespace $1 2>&1"
	before=$(mem_free)
	run "echo $1 >$drv/allow"
	run "echo $1 >$drv/bind"
	after=$(mem_free)
}

small=$(load_stock && namespace_at 0x100000000)
big=$(namespace_at 0x300000000)

title "This guest: Linux $(uname -r), $(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo) MiB of RAM, two NVDIMMs (8 GiB, 256 GiB)"
title "A devdax namespace with its memmap on the device, made by ndctl"
run "ndctl create-namespace -f -e $small --mode=devdax --map=dev | grep -E 'dev\"|map|size|uuid' | head -n 4"
uuid=$(field "$(ndctl list -n "$small")" uuid)
dax=$(dax_of "$small")
size=$(cat "/sys/bus/dax/devices/$dax/size")
echo "  writing a pattern to its first GiB, checksum ..."
sum=$(daxfill "/dev/$dax" 1073741824 fill 42)
echo "  ... $sum"

title "Load the module: it claims nothing"
run "/sbin/modprobe pmem_altmap"
run "ls $providers | wc -l"

title "Name the namespace, and bind it"
bind "$small"
run "cd $providers/$small && grep . alloc free reserve align offset nr_free data_start data_size dram_memmap attach_ns state mappings pinned"
alloc=$(counter "$small" alloc)
echo
echo "  memmap on the device: $alloc pages = $(human $((alloc * 4096)))"
echo "  DRAM free before $(human "$before"), after $(human "$after"): $(human $((before - after))) taken"

title "Hand it back: the stock driver finds every byte where it was"
run "echo $small >$drv/unbind"
dmesg | grep -o "$small: detached.*" | tail -n 1 | sed 's/^/  kernel log: /'
run "ndctl enable-namespace $small 2>&1"
now=$(field "$(ndctl list -n "$small")" uuid)
echo "  uuid $now, checksum $(daxfill "/dev/$dax" 1073741824 sum)"
if [ "$now" != "$uuid" ] || [ "$(daxfill "/dev/$dax" 1073741824 sum)" != "$sum" ] ||
	[ "$(cat "/sys/bus/dax/devices/$dax/size")" != "$size" ]; then
	echo "  that is NOT what it was: uuid $uuid, checksum $sum"
	exit 1
fi
echo "  the same as before"
ndctl disable-namespace "$small" >/dev/null 2>&1

title "A device larger than this guest's DRAM could describe: 256 GiB, memmap 4 GiB"
run "ndctl create-namespace -f -e $big --mode=devdax --map=dev | grep -E 'map|size' | head -n 2"
bind "$big"
run "cd $providers/$big && grep . alloc data_size dram_memmap"
alloc=$(counter "$big" alloc)
echo
echo "  memmap on the device: $alloc pages = $(human $((alloc * 4096)))"
echo "  DRAM free before $(human "$before"), after $(human "$after"): $(human $((before - after))) taken"
run "echo $big >$drv/unbind"
after=$(mem_free)

title "The same namespace with --map=mem: the stock driver cannot"
echo "\$ ndctl create-namespace -f -e $big --mode=devdax --map=mem --align=4K"
stock_map_mem "$big"
log=$(dmesg | grep -o "device_dax.*$(probe_failed 'dax[0-9.]*').*") || {
	echo "  unexpected: it could"
	exit 1
}
echo "  kernel log: $log (-ENOMEM)"
echo "  DRAM free before $(human "$after"), after it failed $(human "$(mem_free)"): it is not given back"
echo
echo "Done. The same by hand on your own machine: see docs/attach.md."
