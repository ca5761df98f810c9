# What the flush tests share: which bytes were written back from the CPU's caches, as the
# kernel's own function saw it
tracing=/sys/kernel/tracing
must mount -t tracefs tracefs $tracing
# shellcheck disable=SC2016 # the kernel's own words
must write 'p:wb arch_wb_cache_pmem addr=$arg1:x64 size=$arg2:u64' $tracing/kprobe_events
must write 1 $tracing/events/kprobes/wb/enable

# written_back NAMESPACE: first and last offset and number of bytes since it was asked
# last. The direct map begins at a multiple of 1 GiB.
written_back() {
	wb_start=$(counter "$1" data_start)
	sed -n 's/.* wb: .*addr=0x[0-9a-f]*\([0-9a-f]\{8\}\) size=\([0-9]*\).*/\1 \2/p' $tracing/trace |
		while read -r wb_addr wb_size; do
			echo $(((0x$wb_addr - wb_start) & 0x3fffffff)) "$wb_size"
		done | awk '
			NR == 1 || $1 < first { first = $1 }
			NR == 1 || $1 + $2 > end { end = $1 + $2 }
			{ bytes += $2 }
			END { printf "%d-%d %d\n", first, end, bytes }'
	echo >$tracing/trace
}
