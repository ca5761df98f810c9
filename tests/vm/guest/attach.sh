# The main job on a label-less region of 8 GiB: nothing is claimed by loading, a
# named namespace attaches, the counters are right, the stock driver gets it back.
# guest: kaslr=yes
# guest: nvdimm=8G
. ./lib.sh
plan 46

ns=namespace0.0
dir=$providers/$ns

state_of() {
	if [ -e $bus/devices/$ns/driver ]; then
		readlink $bus/devices/$ns/driver | sed 's|.*/||'
	else
		echo unbound
	fi
}

# Loading claims nothing, whatever there is: $1 says what
load_changes_nothing() {
	lcn_before=$(state_of; cat /proc/iomem; ndctl list -Ni)
	log_mark
	modprobe pmem_altmap
	ok $? "with $1: loads"
	is "$(state_of; cat /proc/iomem; ndctl list -Ni)" "$lcn_before" "with $1: loading changes nothing"
	is "$(ls $providers)" "" "with $1: no provider"
	is "$(log_since | grep -c 'pmem_altmap namespace')" 0 "with $1: not a word in the log"
}

must load_nfit
load_changes_nothing "an unbound raw namespace, no nd_pmem"
must rmmod pmem_altmap
must load_stock
load_changes_nothing "a raw namespace bound to nd_pmem"
must rmmod pmem_altmap
json=$(devdax_create $ns)
uuid=$(field "$json" uuid)
data_size=$(cat /sys/bus/dax/devices/dax0.0/size)
data_start=$(($(cat /sys/bus/dax/devices/dax0.0/resource)))
load_changes_nothing "devdax in use by device_dax"
must rmmod pmem_altmap
must ndctl disable-namespace $ns
load_changes_nothing "an unbound devdax namespace"

write $ns $drv/bind
is "$errno" "No such device" "bind without a name is refused"
is "$(state_of)" unbound "and leaves the namespace alone"

free_before=$(mem_free)
log_mark
try "names" allow $ns
is "$(cat $drv/allow)" $ns "the name is shown"
try "binds" write $ns $drv/bind
free_after=$(mem_free)
is "$(cat $drv/allow)" "" "the name is used up"
is "$(state_of)" pmem_altmap "bound"

# The literal numbers of an 8 GiB region, and what ndctl's own devdax showed
is "$(counter $ns alloc)" 32768 "alloc: the memmap of 64 sections"
is "$(counter $ns reserve)" 2 "reserve"
is "$(counter $ns free)" 33278 "free"
is "$(counter $ns align)" 510 "align"
is "$(counter $ns offset)" 33280 "offset"
is "$(counter $ns nr_free)" 0 "nr_free"
is "$(counter $ns dram_memmap)" 0 "dram_memmap"
is "$(counter $ns data_start)" $data_start "data_start as device-dax has it"
is "$(counter $ns data_size)" "$data_size" "data_size as device-dax has it"
is "$(counter $ns base_pfn)" $(((data_start >> 12) - 33280)) "base_pfn"
is "$(counter $ns end_pfn)" $((($(counter $ns base_pfn)) + (8 << 18) - 1)) "end_pfn"
is "$(counter $ns state) $(counter $ns mappings) $(counter $ns pinned)" "attached 0 0" "state, mappings, pinned"
taken=$((free_before - free_after))
[ $taken -lt $((8388608 + noise)) ]
ok $? "DRAM taken is noise, not the memmap's 134217728 bytes"
diag "attached in $(counter $ns attach_ns) ns, $taken bytes of DRAM taken"
is "$(find $dir -type f ! -perm 444; find /sys/kernel/debug/pmem_altmap -type d ! -perm 700)" "" "files are 0444 in 0700 folders"
is "$(grep -c ": $ns$" /proc/iomem)" 1 "the region is claimed in /proc/iomem"

log_mark
allow $ns
is "$errno $(log_since | grep -c "$ns: attached already: write its name to unbind first")" "Device or resource busy 1" "it cannot be named again"

log_mark
try "unbinds" detach $ns
is "$(log_since | grep -c "$ns: detached 8589934592 bytes, alloc is back at 0")" 1 "alloc was back at 0"
is "$(ls "$providers"; grep ": $ns$" /proc/iomem)" "" "files are gone, the region is released"
scan=/sys/module/pmem_altmap/parameters/scan
is "$(cat $scan)" Y "the place of the memmap is read first"
must write N $scan
try "attaches without that" attach $ns
try "and detaches" detach $ns
must write Y $scan
json=$(ndctl enable-namespace $ns >/dev/null && ndctl list -n $ns)
is "$(field "$json" mode) $(field "$json" chardev) $(field "$json" uuid)" "devdax dax0.0 $uuid" "the stock driver has its devdax back, same uuid"
