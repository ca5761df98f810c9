# In a kdump kernel nothing is attached: the memmap on the device is part of the
# dump. elfcorehdr= is what makes a kernel one.
# guest: nvdimm=128M
# guest: append=elfcorehdr=0xfd000000
. ./lib.sh
plan 3

ns=namespace0.0
must modprobe nfit
must modprobe pmem_altmap
log_mark
attach $ns
is "$errno" "Operation not permitted" "refused"
lines=$(log_since | grep "pmem_altmap $ns")
is "$(echo "$lines" | wc -l) $(echo "$lines" | grep -c 'this is a kdump kernel')" "1 1" "one line that says why"
diag "$lines"
is "$(ls $providers; grep -c $ns /proc/iomem)" 0 "nothing is held"
