# A distribution's own root with the package in it, booted by its own init; of
# tests/pkg/distro.sh, and not of check-vm, whose guests have no such root.
# guest: nvdimm=1G
# guest: timeout=240
. ./lib.sh
must [ -d /run/systemd/system ] && plan 13

# As of modprobe: busybox has one that knows less
modinfo() { /sbin/modinfo "$@"; }

ns=namespace0.0
release=$(uname -r)
log_mark
must udevadm settle
diag "$(cat /proc/version)"
diag "up after $(cut -d' ' -f1 /proc/uptime) s, modules: $(lsmod | awk 'NR > 1 { print $1 }' | sort | tr '\n' ' ')"
# udev has loaded what has an alias for the devices that are there ...
is "$(readlink $bus/devices/$ns/driver | sed 's|.*/||')" nd_pmem "udev has loaded the stock drivers"
# ... and ours has none
is "$(lsmod | grep -c '^pmem_altmap ')" 0 "pmem_altmap is not loaded by itself"
is "$(modinfo -F alias pmem_altmap)" "" "and has no alias that could load it"
modinfo -n pmem_altmap | sed 's/\.\(gz\|xz\|zst\)$//' >/tmp/file
is "$(cat /tmp/file)" "/lib/modules/$release/updates/dkms/pmem_altmap.ko" "modprobe finds the module of DKMS"
is "$(modinfo -F vermagic pmem_altmap | cut -d' ' -f1)" "$release" "built for this kernel"
diag "signer: $(modinfo -F signer pmem_altmap)"
try "loads" modprobe pmem_altmap
is "$(cat /sys/module/pmem_altmap/version)" "$(modinfo -F version pmem_altmap)" "that version"
[ -d $providers ]
ok $? "debugfs has its folder"

must devdax_create $ns
must ndctl disable-namespace $ns
try "attaches" attach $ns
is "$(counter $ns state) $(counter $ns dram_memmap)" "attached 0" "counters"
try "detaches" detach $ns
ndctl enable-namespace $ns >/dev/null 2>&1
is "$(field "$(ndctl list -n $ns)" chardev)" dax0.0 "the stock driver has it back"
try "unloads" rmmod pmem_altmap
