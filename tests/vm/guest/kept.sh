# What the kernel keeps of a range, when an add or a removal stops half-way, is fenced: the region
# stays requested, also without the module, and neither it, the stock driver nor another module
# gets it again.
# guest: nvdimm=512M
# guest: nvdimm=512M
# guest: timeout=180
. ./lib.sh
plan 23

kernel_bug "WARNING: .*arch/x86/mm/init_64.c:[0-9]*\( at\)* add_pages"
kernel_bug "WARNING: .*mm/memremap.c:[0-9]*\( at\)* memunmap_pages"
kernel_bug "failed to free all reserved pages"
kernel_bug "the kernel kept [0-9]* altmap pages"
kernel_bug "Call Trace:"
dir=/sys/kernel/debug/pma_failpoint
kept=/sys/kernel/debug/pmem_altmap/kept
must load_stock
must ndctl disable-namespace namespace0.0
must ndctl disable-namespace namespace1.0
must modprobe pmem_altmap
must insmod /tests/modules/pma_failpoint.ko deep=1

# number NAME NAMESPACE: a number of a line of kept
number() {
	grep "\"device\":\"$2\"" $kept | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

# fenced NAMESPACE add|remove: neither driver gets it
fenced() {
	[ "$(number alloc "$1")" -gt 0 ]
	ok $? "$1: kept says how much"
	is "$(grep "\"device\":\"$1\"" $kept | sed -n 's/.*"failed":"\(.*\)"}/\1/p') $(grep -c ": kept by the kernel until a reboot: $1$" /proc/iomem)" \
		"$2 1" "$1: kept and /proc/iomem say what"
	refused "$1: bound again" "$1" "Device or resource busy" \
		"the kernel has kept a part of \[mem 0x.*\], with $(number alloc "$1") altmap pages, since ${2%e}ing $1 failed half-way: reboot first"
	ndctl enable-namespace "$1" >/tmp/out 2>&1
	stock ndctl create-namespace -f -e "$1" --mode=devdax >>/tmp/out 2>&1
	is "$(ls -d $bus/devices/"$1"/driver /dev/pmem* /dev/dax* 2>/dev/null)" "" "$1: the stock driver does not get it"
	diag "$(cat /tmp/out)"
}

# The second section cannot be added
is "$(cat $kept)" "" "nothing is kept"
ns=namespace0.0
must write "sparse_add_section -12" $dir/add
must allow $ns
sh -c "echo \$\$ 2 >$dir/arm; echo $ns >$drv/bind" 2>/dev/null
is "$(cat $dir/hit) $(dmesg | grep -c "$ns: not attached (error -12): .* it keeps a part, do not use the namespace before a reboot")" \
	"sparse_add_section 2 1 1" "the kernel keeps a part of an add that fails"
fenced $ns add

# Some of the memmap is not given back
ns=namespace1.0
must write "0 0" $dir/arm
must attach $ns
# Where the one is a part of its callers, a whole section stays
leaks=$(symbol_of "sparse_remove_section|vmem_altmap_free")
must write "$leaks 0" $dir/add
log_mark
sh -c "echo \$\$ 1 >$dir/arm; echo $ns >$drv/unbind"
is "$(cut -d' ' -f1 $dir/hit) $(log_since | grep -c "$ns: detached, but the kernel kept 512 altmap pages: do not use the namespace before a reboot")" \
	"$leaks 1" "the kernel keeps a part of a removal"
fenced $ns remove
is "$(wc -l <$kept)" 2 "both are kept"

# Without the module, and with it loaded again
start=$(number start namespace0.0)
size=$(number size namespace0.0)
must rmmod pma_failpoint
log_mark
try "the module can be unloaded" rmmod pmem_altmap
is "$(log_since | grep -c 'unloaded while the kernel keeps a part of the range of namespace[01].0: do not hibernate before a reboot') $(grep -c ': kept by the kernel until a reboot: namespace[01].0$' /proc/iomem)" \
	"2 2" "which says what it leaves, and the regions stay"
ndctl enable-namespace namespace0.0 namespace1.0 >/dev/null 2>&1
is "$(ls -d $bus/devices/namespace?.0/driver /dev/pmem* /dev/dax* 2>/dev/null)" "" "the stock driver does not get them"
must modprobe pmem_altmap
refused "loaded anew" namespace0.0 "Device or resource busy" "is in use by another driver: see /proc/iomem"

# A module that says that the region is its own
log_mark
insmod /tests/modules/pma_mapper.ko
insmod /tests/modules/pma_forgets.ko start="$start" size="$size" fake=1 2>/dev/null
is "$? $(log_since | grep -c 'pma_forgets: not added (error -16): pfn 0x[0-9a-f]* of \[mem 0x.*\] has a memmap already, though nobody has that memory')" \
	"1 1" "refused: a memmap that nobody has"
