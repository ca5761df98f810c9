# The module works under lockdown, and its files can be read: they are 0444 and have no
# ioctl or mmap, so that the kernel need not close them. No kernel that is locked down from
# its start loads a module that is not signed with a key it knows, and a stock kernel knows
# Debian's; so it is locked down once the module is loaded, which cannot be taken back.
# guest: nvdimm=1G
. ./lib.sh
plan 14

ns=namespace0.0
dir=$providers/$ns
must mount -t securityfs securityfs /sys/kernel/security
must load_stock
must modprobe pmem_altmap
must devdax_create $ns
must ndctl disable-namespace $ns
try "attaches" attach $ns
(cd $dir && grep . ./*) >/tmp/before
must write integrity /sys/kernel/security/lockdown
is "$(cat /sys/kernel/security/lockdown)" "none [integrity] confidentiality" "the kernel is locked down"
write none /sys/kernel/security/lockdown
is "$errno" "Operation not permitted" "and stays so"
cat /sys/kernel/debug/fault_around_bytes >/tmp/out 2>&1
is "$(sed 's/.*: //' /tmp/out)" "Operation not permitted" "a file of debugfs that is not 0444 cannot be read"

(cd $dir && grep . ./*) >/tmp/after 2>&1
is "$(cat /tmp/after)" "$(cat /tmp/before)" "all $(wc -l </tmp/before) files are read as before"
is "$(wc -l </tmp/before)" "$(ls $dir | wc -l)" "that is every file"
is "$(unreadable)" "" "nor is any other file of ours closed"
is "$(find /sys/kernel/debug/pmem_altmap -type f ! -perm 444; find /sys/kernel/debug/pmem_altmap -type d ! -perm 700)" "" "files are 0444 in 0700 folders"
is "$(stat -c '%u %g' $dir $dir/* | sort -u)" "0 0" "root's all"
try "detaches" detach $ns
try "attaches again, locked down" attach $ns
is "$(counter $ns state)" attached "and says so"
try "detaches again" detach $ns
try "the stock driver has it back" ndctl enable-namespace $ns
