#!/bin/bash
# fixture.sh FOLDER: what altmapctl reads of a machine with one attached namespace, one of
# the stock driver's, a range that another module added, a map in DRAM and one of a type
# that nobody knows, for ALTMAPCTL_SYSROOT.
set -eu
top=$1
module=$top/sys/kernel/debug/pmem_altmap
node=$top/sys/bus/nd/devices/namespace0.0/dax/namespace0.0
mkdir -p "$module/providers" "$top/sys/bus/nd/drivers/pmem_altmap" "$node" \
	"$top/proc" "$top/sys/module/pmem_altmap"
touch "$top/sys/bus/nd/drivers/pmem_altmap/bind"
echo 511:0 >"$node/dev"
echo 2097152 >"$node/align"
echo 0.1.0 >"$top/sys/module/pmem_altmap/version"
# Of it, 12.50 GiB are device memory that is used as RAM
printf 'MemTotal:       78643200 kB\n' >"$top/proc/meminfo"
cat >"$top/proc/zoneinfo" <<-EOF
	Node 0, zone    DMA32
	        managed  524288
	Node 0, zone   Normal
	        managed  15859712
	Node 1, zone  Movable
	        managed  3276800
EOF
# What is on devices counts as well: more than memmap_dram says
printf 'nr_memmap_boot_pages 262144\nnr_memmap_pages 41984\n' >"$top/proc/vmstat"

# provider NAME: its files, from lines "name value" of standard input
provider() {
	local name value

	mkdir "$module/providers/$1"
	while read -r name value; do
		echo "$value" >"$module/providers/$1/$name"
	done
}

provider namespace0.0 <<-EOF
base_pfn 1048576
end_pfn 3145727
reserve 2
free 33278
align 510
alloc 32768
offset 33280
nr_free 0
data_start 4431282176
data_size 8453619712
dram_memmap 0
attach_ns 217512560
mappings 1
pinned 512
users 0
state attached
EOF
# No device node, and a name that is no namespace's
provider pmem_altmap_client.0 <<-EOF
base_pfn 8388608
end_pfn 8650751
reserve 0
free 4096
align 0
alloc 4096
offset 4096
nr_free 0
data_start 34376515584
data_size 1056964608
dram_memmap 0
attach_ns 21751256
mappings 0
pinned 0
users 2
state attached
EOF
cat >"$module/altmaps_json" <<-EOF
{"start":4294967296,"size":8589934592,"owner":"namespace0.0","driver":"pmem_altmap","type":"generic","order":9,"altmap":true,"base_pfn":1048576,"reserve":2,"free":33278,"align":510,"alloc":32768,"offset":33280,"memmap_device":134217728,"memmap_dram":0,"data_size":8453619712}
{"start":12884901888,"size":1073741824,"owner":"namespace1.0","driver":"nd_pmem","type":"fsdax","order":0,"altmap":true,"base_pfn":3145728,"reserve":2,"free":4094,"align":510,"alloc":4096,"offset":4096,"memmap_device":16777216,"memmap_dram":0,"data_size":1056964608}
{"start":17179869184,"size":268435456,"owner":"","driver":"","type":"private","order":0,"altmap":false,"memmap_device":0,"memmap_dram":4194304,"data_size":268435456}
{"start":21474836480,"size":134217728,"owner":"","driver":"","type":"unknown","order":0,"altmap":false,"memmap_device":0,"memmap_dram":2097152,"data_size":134217728}
{"start":34359738368,"size":1073741824,"owner":"pmem_altmap_client.0","driver":"pmem_altmap_client","type":"generic","order":9,"altmap":true,"base_pfn":8388608,"reserve":0,"free":4096,"align":0,"alloc":4096,"offset":4096,"memmap_device":16777216,"memmap_dram":0,"data_size":1056964608}
EOF
cat >"$module/summary" <<-EOF
pagemaps 5
altmaps 3
memmap_device 167772160
memmap_dram 6291456
EOF
