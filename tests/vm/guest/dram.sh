# Parts of sections: their memmap comes from DRAM, and dram_memmap says so truly.
# The first region is cut to 2 MiB less than 8 GiB, the second one starts and
# ends in the middle of a section, the third one is smaller than a section.
# guest: kaslr=yes
# guest: nvdimm=8194M,label-size=2M
# guest: nvdimm=1G,addr=0x1004000000
# guest: nvdimm=64M,addr=0x2000000000
. ./lib.sh
plan 23

# check NAMESPACE WHAT ALLOC DRAM
check() {
	try "$2: attaches" attach "$1"
	is "$(counter "$1" alloc)" "$3" "$2: alloc"
	is "$(counter "$1" dram_memmap)" "$4" "$2: dram_memmap"
	is "$(counter "$1" state)" "attached" "$2: state"
	try "$2: detaches" detach "$1"
	dram_agrees "$1" "$4" "$2: MemFree agrees"
}

must load_stock
must modprobe pmem_altmap

real_labels region0 nmem0
must write 2097152 $bus/devices/region0/align
json=$(ndctl create-namespace -r region0 -s 8190M -a 2M --mode=devdax --map=dev 2>&1)
first=$(field "$json" dev)
[ -n "$first" ] || diag "$json"
is "$(cat "$bus/devices/$first/size")" 8587837440 "a namespace of 8 GiB less 2 MiB"
second=$(namespace_at 0x1004000000)
third=$(namespace_at 0x2000000000)
must devdax_create "$second"
must devdax_create "$third"
second_size=$(cat "/sys/bus/dax/devices/dax${second#namespace}/size")
must ndctl disable-namespace all

# 63 whole sections; 126 MiB of the last one
check "$first" "8 GiB less 2 MiB" 32256 2064384
# 7 whole sections, half a section at both ends
check "$second" "starts and ends inside sections" 3584 2097152
# No whole section at all
check "$third" "smaller than a section" 0 1048576

try "attaches again" attach "$second"
is "$(counter "$second" data_size)" "$second_size" "data_size as device-dax has it"
try "rmmod detaches what is attached" rmmod pmem_altmap
is "$(readlink "$bus/devices/$second/driver")" "" "and nothing is bound"
