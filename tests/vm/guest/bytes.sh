# Not a byte of the data and of the info block changes, and nothing is lost over
# 100 rounds.
# guest: nvdimm=1G
. ./lib.sh
plan 10

ns=namespace0.0
must load_stock
must modprobe pmem_altmap
must devdax_create $ns
size=$(cat /sys/bus/dax/devices/dax0.0/size)
diag "$size bytes of data"
# The head of the namespace, as the raw device has it
head_sum() {
	must write 1 $bus/devices/$ns/force_raw
	must ndctl enable-namespace $ns
	dd if=/dev/pmem0 bs=4096 count=2 2>/dev/null | sha256sum
	must ndctl disable-namespace $ns
	must write 0 $bus/devices/$ns/force_raw
}

before=$(daxfill /dev/dax0.0 "$size" fill 20260131)
is "$(daxfill /dev/dax0.0 "$size" sum)" "$before" "the checksum is of what was written"
uuid=$(field "$(ndctl list -n $ns)" uuid)
must ndctl disable-namespace $ns
block=$(head_sum)
is "$(dd if=/dev/zero bs=8192 count=1 2>/dev/null | sha256sum | grep -c "$block")" 0 "the head is not empty"

try "attaches" attach $ns
try "detaches" detach $ns
is "$(head_sum)" "$block" "the first 8 KiB, info block included, are the same"
must ndctl enable-namespace $ns
is "$(field "$(ndctl list -n $ns)" uuid)" "$uuid" "the same uuid"
is "$(daxfill /dev/dax0.0 "$size" sum)" "$before" "every byte of the data is the same"
must ndctl disable-namespace $ns

rounds() {
	i=0
	while [ $i -lt "$1" ]; do
		attach $ns && detach $ns || return
		i=$((i + 1))
	done
}
# Caches that the first rounds fill are no leak
must rounds 5
free_before=$(mem_free)
try "100 rounds" rounds 100
free_after=$(mem_free)
lost=$((free_before - free_after))
diag "MemFree $free_before before, $free_after after: $lost lost"
# A page lost in each round would be 409600 bytes
[ $lost -lt $((409600 + noise)) ]
ok $? "MemFree is flat over them"
must ndctl enable-namespace $ns
is "$(daxfill /dev/dax0.0 "$size" sum)" "$before" "every byte of the data is still the same"
