#!/bin/bash
# fixture.sh FOLDER: what altmapctl reads of a machine with one attached namespace, one of
# the stock driver's, and a map in DRAM, for ALTMAPCTL_SYSROOT.
set -eu
top=$1
module=$top/sys/kernel/debug/pmem_altmap
mkdir -p "$module/providers/namespace0.0" "$top/sys/bus/nd/drivers/pmem_altmap" \
	"$top/proc" "$top/sys/module/pmem_altmap"
touch "$top/sys/bus/nd/drivers/pmem_altmap/bind"
echo 0.1.0 >"$top/sys/module/pmem_altmap/version"
printf 'MemTotal:       65536000 kB\n' >"$top/proc/meminfo"

while read -r name value; do
	echo "$value" >"$module/providers/namespace0.0/$name"
done <<-EOF
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
state attached
EOF
cat >"$module/altmaps_json" <<-EOF
{"start":4294967296,"size":8589934592,"owner":"namespace0.0","driver":"pmem_altmap","type":"generic","order":9,"altmap":true,"base_pfn":1048576,"reserve":2,"free":33278,"align":510,"alloc":32768,"offset":33280,"memmap_device":134217728,"memmap_dram":0,"data_size":8453619712}
{"start":12884901888,"size":1073741824,"owner":"namespace1.0","driver":"nd_pmem","type":"fsdax","order":0,"altmap":true,"base_pfn":3145728,"reserve":2,"free":4094,"align":510,"alloc":4096,"offset":4096,"memmap_device":16777216,"memmap_dram":0,"data_size":1056964608}
{"start":17179869184,"size":268435456,"owner":"","driver":"","type":"private","order":0,"altmap":false,"memmap_device":0,"memmap_dram":4194304,"data_size":268435456}
EOF
cat >"$module/summary" <<-EOF
pagemaps 3
altmaps 2
memmap_device 150994944
memmap_dram 4194304
vmstat_memmap 155189248
EOF
