# Every kind of namespace: with labels, several in one region that share sections,
# without labels, a second region, and memmap=nn!ss, which here starts inside a
# section of System RAM.
# guest: long=yes
# guest: mem=6G
# guest: append=memmap=960M!5184M
# guest: nvdimm=4098M,label-size=2M
# guest: nvdimm=1G
. ./lib.sh
plan 35

must load_stock
must modprobe pmem_altmap

# The regions by what they are
for region in "$bus"/devices/region*; do
	id=${region##*region}
	case $(cat "$region/size") in
	4294967296) labelled=$id ;;
	1073741824) plain=namespace$id.0 ;;
	1006632960) legacy=namespace$id.0 ;;
	esac
done
real_labels "region$labelled" nmem0

# Three namespaces in one region; none but the first starts at a section
first=$(field "$(ndctl create-namespace -r "region$labelled" -s 1072M --mode=devdax --map=dev)" dev)
second=$(field "$(ndctl create-namespace -r "region$labelled" -s 560M --mode=devdax --map=dev)" dev)
third=$(field "$(ndctl create-namespace -r "region$labelled" -s 1088M -a 4K --mode=devdax --map=dev)" dev)
must devdax_create "$plain"
must devdax_create "$legacy"
all="$first $second $third $plain $legacy"
diag "labels: $first $second $third; none: $plain; memmap=: $legacy"

for ns in $all; do
	dax=$(dax_of "$ns")
	size=$(cat "/sys/bus/dax/devices/$dax/size")
	echo "$ns $size $(($(cat "/sys/bus/dax/devices/$dax/resource"))) $(field "$(ndctl list -n "$ns")" uuid) $(daxfill "/dev/$dax" "$size" fill 7)" >>/tmp/before
done
must ndctl disable-namespace all

while read -r ns size start uuid sum; do
	try "$ns: attaches beside the others" attach "$ns"
	is "$(counter "$ns" data_size) $(counter "$ns" data_start)" "$size $start" "$ns: the data range is device-dax's"
done </tmp/before
# Of shared sections each namespace pays for its own part, from DRAM
counters() {
	for ns in $all; do
		echo "$ns $(counter "$ns" alloc) $(counter "$ns" dram_memmap)"
	done
}
is "$(counters)" "$first 4096 786432
$second 1536 2883584
$third 4096 1048576
$plain 4096 0
$legacy 3584 0" "alloc and dram_memmap of all of them"
# Boot made the memmap of all of the section that System RAM reaches into
must detach "$legacy"
dram_agrees "$legacy" 0 "$legacy: MemFree agrees that the section shared with System RAM costs nothing"
must attach "$legacy"

# One of those that share a section goes and comes back under the others' feet
try "$second: detaches between its neighbours" detach "$second"
try "$second: attaches again" attach "$second"
is "$(ls $providers | wc -l)" 5 "five providers"

while read -r ns size start uuid sum; do
	try "$ns: detaches" detach "$ns"
	must ndctl enable-namespace "$ns"
	is "$(field "$(ndctl list -n "$ns")" uuid)" "$uuid" "$ns: the same uuid"
	is "$(daxfill "/dev/$(dax_of "$ns")" "$size" sum)" "$sum" "$ns: the same bytes"
	must ndctl disable-namespace "$ns"
done </tmp/before

# The stock driver beside ours, in sections that they share
must ndctl enable-namespace "$second"
try "$first: attaches beside the stock driver's $second" attach "$first"
try "$third: attaches beside the stock driver's $second" attach "$third"
must ndctl disable-namespace "$second"
try "$first: detaches" detach "$first"
try "$third: detaches" detach "$third"
is "$(ls $providers)" "" "nothing is left"
