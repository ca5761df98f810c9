# An image of DRAM does not hold a memmap that is on a device: no hibernation while
# something is attached, and no attaching while the machine is about to.
# guest: when=stock
# guest: nvdimm=512M
. ./lib.sh

ns=namespace0.0
must load_stock
must modprobe pmem_altmap
must devdax_create $ns
must ndctl disable-namespace $ns

# What hibernates from user space opens this, and from then on it is on. Cloud kernels
# have none.
device=/dev/snapshot
if ! grep -qw disk /sys/power/state; then
	plan 1
	is "$(ls $device 2>/dev/null)" "" "this kernel cannot hibernate"
	exit
fi
plan 12
must attach $ns
log_mark
(: <$device) 2>/tmp/err
is "$(grep -c 'Operation not permitted' /tmp/err)" 1 "hibernation is refused"
is "$(log_since | grep -c "pmem_altmap: hibernation is refused, and activating NVDIMM firmware other than live: $ns is attached, and an image would not have its memmap: detach it and try again")" 1 "and the log says why"
write disk /sys/power/state
is "$errno $(log_since | grep -c "hibernation is refused.*: $ns")" "Operation not permitted 2" "by the kernel's own way, too"
try "detaches" detach $ns
exec 7<$device
ok $? "hibernation may begin"
refused "about to hibernate" $ns "Device or resource busy" "the machine is about to hibernate: try again when it is back"
exec 7<&-
try "attaches when it is over" attach $ns
try "detaches" detach $ns

# A section of memmap that the kernel keeps on the device, when it cannot add the next one
# It has its own words for that, in both places
kernel_bug "WARNING: .*arch/x86/mm/init_64.c:[0-9]*\( at\)* add_pages"
kernel_bug "WARNING: .*mm/memremap.c:[0-9]*\( at\)* memunmap_pages"
kernel_bug "failed to free all reserved pages"
kernel_bug "Call Trace:"
dir=/sys/kernel/debug/pma_failpoint
must insmod /tests/modules/pma_failpoint.ko deep=1
must write "sparse_add_section -12" $dir/add
must allow $ns
errno=$(sh -c "echo \$\$ 2 >$dir/arm; echo $ns >$drv/bind" 2>&1)
is "$(cat $dir/hit) $(dmesg | grep -c "$ns: not attached (error -12): .* it keeps a part, do not use the namespace before a reboot")" \
	"sparse_add_section 2 1 1" "the kernel keeps a part: not attached"
log_mark
(: <$device) 2>/tmp/err
is "$(grep -c 'Operation not permitted' /tmp/err) $(log_since | grep -c "hibernation is refused, .*: the kernel has kept memmap on a device that is not attached any more, and an image would not have it: reboot first")" \
	"1 1" "and hibernation is refused from then on"
