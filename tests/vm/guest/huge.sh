# A device larger than this guest's DRAM could describe: 256 GiB of persistent
# memory with 2 GiB of RAM. Its memmap alone would take 4 GiB.
# KASAN wants an eighth of what the stock driver maps with memremap(), in DRAM.
# guest: long=yes
# guest: when=stock
# guest: mem=2G
# guest: nvdimm=256G
# guest: silence=300
. ./lib.sh
plan 12

ns=namespace0.0
must load_stock
must modprobe pmem_altmap
must devdax_create $ns
data_size=$(cat /sys/bus/dax/devices/dax0.0/size)
must ndctl disable-namespace $ns

# Its memmap's place is 4 GiB, which takes a while to read
log_mark
must allow $ns
(exec sh -c "echo $ns >$drv/bind") 2>/dev/null &
sleep 1
kill -9 $!
wait $! 2>/dev/null
is "$?" 137 "reading the memmap's place can be killed"
is "$(log_since | grep -c "not attached (error -4): interrupted at .* while looking for media errors")" 1 "and says so"
diag "$(log_since | grep 'not attached')"
is "$(ls $providers; grep -c ": $ns$" /proc/iomem)" 0 "nothing is held"

free_before=$(mem_free)
try "256 GiB attach in 2 GiB of RAM" attach $ns
free_after=$(mem_free)
is "$(counter $ns alloc)" 1048576 "alloc: 4 GiB of memmap on the device"
is "$(counter $ns dram_memmap)" 0 "dram_memmap"
is "$(counter $ns data_size)" "$data_size" "data_size as device-dax has it"
taken=$((free_before - free_after))
diag "attached in $(counter $ns attach_ns) ns; DRAM free $free_before before, $free_after after: $taken taken"
[ $taken -lt $((4194304 + noise)) ]
ok $? "less than 4 MiB of DRAM taken: page tables and usage maps, no memmap"
try "detaches" detach $ns
lost=$((free_before - $(mem_free)))
[ $lost -lt $((1048576 + noise)) ]
ok $? "the DRAM is back ($lost bytes lost)"

# The same namespace with its memmap in DRAM
log_mark
stock_map_mem $ns
is "$(log_since | grep -c "$(probe_failed dax0.0) -12")" 1 "the stock driver with --map=mem is refused with -ENOMEM"
is "$(field "$(ndctl list -n $ns -i -X)" state)" disabled "and its device stays disabled"
diag "$(log_since | grep -E 'vmemmap alloc failure|error -12')"
