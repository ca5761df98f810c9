# Without the stock driver, which PREEMPT_RT kernels lack: a namespace that was
# formatted elsewhere is attached and mapped.
# guest: stock=none
# guest: nvdimm=1G
# guest: nvdimm=1G
. ./lib.sh
plan 11

must load_nfit
must modprobe pmem_altmap
# What a kernel cannot do is said: compound pages, the census, the class; huge pages
case $(uname -r) in
5.10.*) lacks=3 ;;
*-rt-*) lacks=1 ;;
*) lacks=0 ;;
esac
is "$(dmesg | grep -c 'pmem_altmap: this kernel ')" $lacks "the log says what this kernel cannot do"
diag "$(dmesg | grep 'pmem_altmap: this kernel ')"
set -- "$bus"/devices/namespace*
first=${1##*/} second=${2##*/}

try "attaches" attach "$first"
is "$(($(counter "$first" base_pfn) + $(counter "$first" offset))) $(counter "$first" reserve)" \
	"$(($(counter "$first" data_start) / 4096)) 2" "the counters agree"
size=$(cat "/sys/dev/char/$(printf '%d:%d' "0x$(stat -c %t "/dev/$first")" "0x$(stat -c %T "/dev/$first")")/size")
is "$size" "$(counter "$first" data_size)" "size in sysfs and in debugfs agree"
daxrules "/dev/$first" "$size" 4096 >/tmp/ours
ok $? "it is mapped at 4K"
is "$(grep -cE '^(read|write) the first byte: ok|^write the last byte: ok|^private: Invalid argument|^write behind the end: Bus error' /tmp/ours)" 5 \
	"by the rules"
diag "$(cat /tmp/ours)"
is "$(counter "$first" mappings) $(counter "$first" pinned)" "0 0" "nothing stays mapped or pinned"
try "detaches" detach "$first"

# A kernel without huge pages of DAX has to refuse what is aligned to them
if grep -q '^transparent_hugepage\|thp_fault_alloc' /proc/vmstat; then
	try "2M: attaches" attach "$second"
	try "2M: detaches" detach "$second"
	is "$(dmesg | grep -c 'alloc is back at 0')" 2 "every alloc was back at 0"
else
	refused "2M without huge pages" "$second" "Operation not supported" "align of 2097152 bytes"
fi
