# fsync() and msync() write back what CPU caches can hold of pages that were mapped, and
# nothing else; where failed memory is left out, they say so. What a host caches cannot be
# mapped with MAP_SYNC.
# guest: nvdimm=1G
# guest: nvdimm=1G
# guest: qemu=-object memory-backend-file,id=virtio,size=256M,share=on,mem-path=@work@/virtio.img -device virtio-pmem-pci,memdev=virtio
. ./lib.sh
plan 27

must load_stock
must modprobe -a virtio_pci virtio_pmem
must modprobe pmem_altmap
. ./flush_lib.sh
must settle

# Names go by address or by who comes first
small='' huge='' hosted=''
for region in "$bus"/devices/region*; do
	ns=namespace${region##*region}.0
	ndctl disable-namespace "$ns" >/dev/null 2>&1
	must attach "$ns"
	if readlink -f "$region" | grep -q virtio; then
		hosted=$ns
	elif [ "$(cat "$bus/devices/$ns/dax/$ns/align")" -eq 4096 ]; then
		small=$ns
	else
		huge=$ns
	fi
done
diag "4 KiB: $small, 2 MiB: $huge, virtio-pmem: $hosted"
written_back "$small" >/dev/null

# flushes NAMESPACE WANT NAME STEP...: what the last step says, and what was written back
flushes() {
	fl_ns=$1 fl_want=$2 fl_name=$3
	shift 3
	is "$(daxflush "/dev/$fl_ns" 0x1000000 shared "$@" | tail -n 1) $(written_back "$fl_ns")" \
		"$fl_want" "$fl_name"
}

# Pages of 4 KiB
is "$(daxflush "/dev/$small" 0x1000000 sync fsync | tr '\n' ' ')$(written_back "$small")" \
	"map: ok fsync: ok 0-0 0" "mapped but not touched: nothing is written back"
flushes "$small" "fsync: ok 12288-2101248 8192" "two pages of 4 KiB are" \
	store:0x3000 store:0x200000 fsync
flushes "$small" "msync:0x3000:4096: ok 12288-16384 4096" "msync() of one of them: that one" \
	msync:0x3000:4096
flushes "$small" "msync:0x4000:0x1fc000: ok 0-0 0" "of what is between: nothing" \
	msync:0x4000:0x1fc000
flushes "$small" "msync:0x1ff000:8192: ok 2097152-2101248 4096" "of the end of that and the other one: that one" \
	msync:0x1ff000:8192
last=$(($(counter "$small" data_size) - 4096))
is "$(daxflush "/dev/$small" $((last + 4096)) shared store:$last fsync | tail -n 1) $(written_back "$small")" \
	"fsync: ok 12288-$((last + 4096)) 12288" "the last page of the data as well"
must write "$small" $drv/quiesce
must write "$small" $drv/resume
is "$(daxflush "/dev/$small" 0x1000000 shared fsync | tail -n 1) $(written_back "$small" | cut -d' ' -f2)" \
	"fsync: ok 12288" "and what was stored before quiescing"
try "detaches" detach "$small"
must attach "$small"
flushes "$small" "fsync: ok 0-0 0" "nothing was touched since it was attached" \
	fsync

# Pages of 2 MiB; before v5.17 they are 512 of 4 KiB to the kernel
is "$(daxflush "/dev/$huge" 0x1000000 sync fsync | tr '\n' ' ')$(written_back "$huge")" \
	"map: ok fsync: ok 0-0 0" "2 MiB: mapped but not touched"
flushes "$huge" "fsync: ok 4194304-6291456 2097152" "2 MiB: a whole unit" \
	store:0x403000 fsync
flushes "$huge" "msync:0x403000:8192: ok 4206592-4214784 8192" "2 MiB: msync() of two pages in it" \
	msync:0x403000:8192
flushes "$huge" "msync:0x3ff000:8192: ok 4194304-4198400 4096" "2 MiB: of its first page and the one before" \
	msync:0x3ff000:8192
flushes "$huge" "msync:0x5ff000:8192: ok 6287360-6291456 4096" "2 MiB: of its last page and the one behind" \
	msync:0x5ff000:8192

# Failed memory. Debian's cloud kernels know none.
if [ -e /sys/devices/system/memory/hard_offline_page ]; then
	bad="Input/output error" left=1
else
	bad=ok left=0
fi
for ns in $small $huge; do
	daxflush "/dev/$ns" 0x1000000 shared store:0x800000 poison:0x800000 >/dev/null 2>&1
	written_back "$ns" >/dev/null
	log_mark
	out=$(daxflush "/dev/$ns" 0x1000000 shared store:0xc00000 fsync | tail -n 1)
	is "$out" "fsync: $bad" "$ns: fsync() says that memory has failed"
	is "$(log_since | grep -c "daxflush: memory at offset 0x800000 has failed")" $left "$ns: and the log where"
	written_back "$ns" >/dev/null
	out=$(daxflush "/dev/$ns" 0x1000000 shared msync:0xc00000:4096 | tail -n 1)
	is "$out $(written_back "$ns" | cut -d' ' -f2)" "msync:0xc00000:4096: ok 4096" "$ns: a part without it is flushed"
done

# A host's page cache
log_mark
is "$(daxflush "/dev/$hosted" 0x400000 sync)" "map: Operation not supported" "virtio-pmem: no MAP_SYNC"
is "$(log_since | grep -c 'daxflush: MAP_SYNC is refused: its host caches it, map it without and use fsync')" 1 "the log says what to do"
written_back "$hosted" >/dev/null
is "$(daxflush "/dev/$hosted" 0x400000 shared store:0 fsync | tr '\n' ' ')$(written_back "$hosted")" \
	"map: ok fsync: ok 0-0 0" "without it, and flushed by the host"
for ns in $small $huge $hosted; do
	try "$ns: detaches" detach "$ns"
done
must write 0 $tracing/events/kprobes/wb/enable
must write "" $tracing/kprobe_events
try "the module can be unloaded" rmmod pmem_altmap
