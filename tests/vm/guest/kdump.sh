# In a kdump kernel nothing is attached: the memmap on the device is part of the
# dump. elfcorehdr= is what makes a kernel one.
# guest: nvdimm=128M
# guest: append=elfcorehdr=0xfd000000
. ./lib.sh
plan 3

ns=namespace0.0
must load_nfit
must modprobe pmem_altmap
refused "kdump kernel" $ns "Operation not permitted" "this is a kdump kernel"
