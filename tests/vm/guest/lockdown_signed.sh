# A kernel that is locked down from its start, and the module as DKMS has signed it, with
# DKMS's key among those that the kernel knows: here, the firmware's, where a machine has
# the owner's. A test of tests/pkg/distro.sh, as check-vm's guests have no such module.
# guest: nvdimm=1G
# guest: append=lockdown=integrity
# guest: qemu=-drive if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd
# guest: qemu=-drive if=pflash,format=raw,unit=1,file=@work@/vars.fd
. ./lib.sh
must [ -e /var/lib/dkms/mok.pub ] && plan 12

ns=namespace0.0
dir=$providers/$ns
must mount -t securityfs securityfs /sys/kernel/security
must load_stock
is "$(cat /sys/kernel/security/lockdown)" "none [integrity] confidentiality" "the kernel is locked down"
is "$(dmesg | grep -c 'Kernel is locked down from command line')" 1 "since it started"
is "$(dmesg | grep -c "Loaded X.509 cert 'DKMS module signing key")" 1 "it knows DKMS's key"
try "loads" modprobe pmem_altmap
must devdax_create $ns
must ndctl disable-namespace $ns
try "attaches" attach $ns
cat /sys/kernel/debug/fault_around_bytes >/tmp/out 2>&1
is "$(sed 's/.*: //' /tmp/out)" "Operation not permitted" "a file of debugfs that is not 0444 cannot be read"
is "$(unreadable)" "" "every file of ours can"
is "$(counter $ns state) $(counter $ns dram_memmap)" "attached 0" "and says what it should"
is "$(find /sys/kernel/debug/pmem_altmap -type f ! -perm 444; find /sys/kernel/debug/pmem_altmap -type d ! -perm 700)" "" "files are 0444 in 0700 folders"
try "detaches" detach $ns
try "the stock driver has it back" ndctl enable-namespace $ns
try "unloads" rmmod pmem_altmap
