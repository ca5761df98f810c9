# Every altmap of the system, ours and the stock drivers', with figures that agree with
# free DRAM and with what ndctl wrote.
# guest: long=yes
# guest: census=yes
# guest: mem=3G
# guest: nvdimm=2G
# guest: nvdimm=2G
# guest: nvdimm=2G
# guest: nvdimm=2G
# guest: nvdimm=3G
# guest: nvdimm=2112M
# guest: append=memmap=512M!4G
# guest: qemu=-object memory-backend-ram,id=virtio,size=256M -device virtio-pmem-pci,memdev=virtio
# guest: qemu=-device nvme,serial=p2p,cmb_size_mb=64
. ./lib.sh
plan 46

top=/sys/kernel/debug/pmem_altmap
must load_stock
must modprobe -a virtio_pci virtio_pmem nvme
must modprobe pmem_altmap

# up BYTES UNIT: rounded up, in units
up() {
	echo $((($1 + $2 - 1) / $2))
}

# value LINE KEY: of a line of altmaps_json
value() {
	printf '%s\n' "$1" | sed -n "s/.*\"$2\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}

line_of() {
	grep "\"owner\":\"$1\"" $top/altmaps_json
}

# The e820 region comes first or last: names go by address
# shellcheck disable=SC2046 # words
set -- $(for region in "$bus"/devices/region*; do
	readlink -f "$region" | grep -q virtio ||
		echo "$(($(cat "$region/resource"))) namespace${region##*region}.0"
done | sort -n | cut -d' ' -f2)
legacy=$1
# The last one ends inside of a section
fsdax_dev=$2 fsdax_mem=$3 devdax_dev=$4 ours=$5 devdax_1G=$6 devdax_2M=$7

must ndctl create-namespace -f -e "$fsdax_dev" --mode=fsdax --map=dev
must ndctl create-namespace -f -e "$fsdax_mem" --mode=fsdax --map=mem
must ndctl create-namespace -f -e "$devdax_dev" --mode=devdax --map=dev
must ndctl create-namespace -f -e "$devdax_2M" --mode=devdax --map=mem --align=2M
must ndctl create-namespace -f -e "$devdax_1G" --mode=devdax --map=mem --align=1G
must ndctl create-namespace -f -e "$ours" --mode=devdax --map=dev
must ndctl disable-namespace "$ours"
must attach "$ours"

# kind NAMESPACE DRIVER TYPE ALTMAP ORDER
kind() {
	line=$(line_of "$1")
	is "$(value "$line" driver) $(value "$line" type) $(value "$line" altmap) $(value "$line" order)" \
		"$2 $3 $4 $5" "$1: driver, type, altmap and order"
	start=$(value "$line" start)
	size=$(value "$line" size)
	whole=$(((start + size) / 134217728 - (start + 134217727) / 134217728))
	offset=$(value "$line" offset)
	is "$(value "$line" data_size)" $((size - ${offset:-0} * 4096)) "$1: data_size"
}

# with_altmap: charged for whole sections, and nothing else
with_altmap() {
	is "$(value "$line" base_pfn) $(value "$line" reserve) $(value "$line" alloc)" \
		"$((start / 4096)) 2 $((whole * 512))" "$1: base_pfn, reserve and alloc"
	is "$offset" $((2 + $(value "$line" free))) "$1: offset"
	is "$(value "$line" memmap_device) $(value "$line" memmap_dram)" \
		"$((whole * 2097152)) $(((size - whole * 134217728) / 64))" "$1: memmap on device and in DRAM"
}

# What enabling it takes of free DRAM, less page tables and the noise of a guest
taken() {
	t_all=
	for t_i in 1 2 3; do
		must ndctl disable-namespace "$1"
		t_before=$(mem_free)
		must ndctl enable-namespace "$1"
		t_all="$t_all $((t_before - $(mem_free)))"
	done
	# shellcheck disable=SC2086 # words
	t_median=$(median $t_all)
	diag "$1: memmap_dram $(value "$line" memmap_dram), free DRAM fell by$t_all"
	[ "$t_median" -ge $(($(value "$line" memmap_dram) - 131072 - noise)) ] &&
		[ "$t_median" -le $(($(value "$line" memmap_dram) + 1048576 + noise)) ]
	ok $? "$1: free DRAM agrees"
}

diag "$(cat $top/altmaps)"
kind "$fsdax_dev" nd_pmem fsdax true 0
with_altmap "$fsdax_dev"
taken "$fsdax_dev"
kind "$fsdax_mem" nd_pmem fsdax false 0
is "$(value "$line" memmap_device) $(value "$line" memmap_dram)" "0 $((size / 64))" "$fsdax_mem: memmap all in DRAM"
taken "$fsdax_mem"
kind "$devdax_dev" dax_pmem generic true 9
with_altmap "$devdax_dev"
taken "$devdax_dev"
kind "$devdax_2M" dax_pmem generic false 9
is "$(value "$line" memmap_dram)" $(($(up "$size" 2097152) * 8192)) "$devdax_2M: two pages of memmap for each 2 MiB"
taken "$devdax_2M"
kind "$devdax_1G" dax_pmem generic false 18
is "$(value "$line" memmap_dram)" $(($(up "$size" 1073741824) * 8192)) "$devdax_1G: two pages of memmap for each GiB"
taken "$devdax_1G"
kind "$ours" pmem_altmap generic true 9
ours_offset=$offset
with_altmap "$ours"
is "$(value "$line" alloc) $offset $(value "$line" align)" \
	"$(counter "$ours" alloc) $(counter "$ours" offset) $(counter "$ours" align)" "$ours: as in its own files"
is "$(value "$(line_of "$legacy")" type) $(value "$(line_of "$legacy")" altmap)" "fsdax false" \
	"$legacy: raw, of memmap=, is there"

is "$(grep '"size":268435456,' $top/altmaps_json | sed 's/.*"owner":"namespace[0-9.]*","driver":"\([^"]*\)","type":"\([^"]*\)".*/\1 \2/')" \
	"nd_pmem fsdax" "virtio-pmem, which no resource of the kernel leads to, is there"
# A controller memory buffer is peer-to-peer memory where the kernel knows that
p2p=0
if [ -n "$(ls -d /sys/bus/pci/devices/*/p2pmem 2>/dev/null)" ]; then
	p2p=1
fi
is "$(grep -c '"size":67108864,.*"type":"p2pdma"' $top/altmaps_json)" $p2p "P2PDMA memory: $p2p here"

is "$(wc -l <$top/altmaps_json) $(tail -n +2 $top/altmaps | grep -vc '^#')" "$((8 + p2p)) $((8 + p2p))" "each once, in both files"
is "$(tail -n 1 $top/altmaps | grep -c '^# not counted: .*memmap_on_memory')" 1 "altmaps says what it leaves out"
is "$(value "$(line_of "$ours")" start_pfn) $(value "$(line_of "$ours")" end_pfn)" "$(counter "$ours" base_pfn) $(counter "$ours" end_pfn)" "$ours: its page frames"
is "$(awk '$1 == "pagemaps" || $1 == "altmaps" { printf "%s ", $2 }' $top/summary)" "$((8 + p2p)) 3 " "summary counts them"
for key in memmap_device memmap_dram; do
	is "$(awk -v key=$key '$1 == key { print $2 }' $top/summary)" \
		"$(sed "s/.*\"$key\":\([0-9]*\).*/\1/" $top/altmaps_json | awk '{ sum += $1 } END { printf "%.0f", sum }')" \
		"summary adds up $key"
done
is "$(stat -c %a $top $top/altmaps $top/altmaps_json $top/summary | tr '\n' ' ')" "700 444 444 444 " "for root only, and read-only"
must detach "$ours"
is "$(line_of "$ours")" "" "$ours: gone when it is detached"

# Readers against detaches: they neither hold one up nor see what is gone
for i in 1 2 3; do
	while [ ! -e /tmp/stop ]; do
		cat $top/altmaps $top/altmaps_json $top/summary >/dev/null || break
	done &
done
# pma_rounds=1000 on the kernel's command line for a long run
wanted=$(sed -n 's/.*pma_rounds=\([0-9]*\).*/\1/p' /proc/cmdline)
wanted=${wanted:-40}
rounds=0
rounds_start=$(date +%s)
while [ $rounds -lt "$wanted" ] && attach "$ours" && detach "$ours"; do
	rounds=$((rounds + 1))
	[ $((rounds % 8)) -ne 0 ] || {
		must ndctl disable-namespace "$devdax_dev"
		must ndctl enable-namespace "$devdax_dev"
		must ndctl disable-namespace "$fsdax_dev"
		must ndctl enable-namespace "$fsdax_dev"
	}
done
diag "$rounds rounds of ours and $((rounds / 8)) of two stock namespaces in $(($(date +%s) - rounds_start)) s under three readers"
touch /tmp/stop
wait
is "$rounds" "$wanted" "attach and detach go on under readers"
is "$(wc -l <$top/altmaps_json)" $((7 + p2p)) "and the census is as before"

# infoblock NAMESPACE OFFSET: of a disabled one: what ndctl wrote is where the data starts
infoblock() {
	block=$(ndctl read-infoblock -j "$1" 2>/tmp/err)
	is "$(($(field "$block" dataoff)))" $(($2 * 4096)) "$1: offset is what the info block says"
}
infoblock "$ours" "$ours_offset"
for ns in "$fsdax_dev" "$devdax_dev"; do
	offset=$(value "$(line_of "$ns")" offset)
	must ndctl disable-namespace "$ns"
	infoblock "$ns" "$offset"
	must ndctl enable-namespace "$ns"
done
