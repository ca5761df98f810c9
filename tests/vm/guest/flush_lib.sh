# What the flush tests share: which bytes were written back from the CPU's caches, as the
# kernel's own function saw it
tracing=/sys/kernel/tracing
must mount -t tracefs tracefs $tracing
# The direct map begins at a multiple of 1 GiB: the lower 30 bits tell a place
# shellcheck disable=SC2016 # the kernel's own words
must write 'p:wb arch_wb_cache_pmem addr=$arg1:b30@0/64 page=$arg1:b9@12/64 size=$arg2:u64' \
	$tracing/kprobe_events
must write 1 $tracing/events/kprobes/wb/enable
echo 0 >/tmp/wb_calls

# A unit of 1 GiB is more calls than the trace holds: keep those for the first and the last
# page of each 2 MiB only
trace_edges() {
	must write 'page == 0 || page == 511' $tracing/events/kprobes/wb/filter
}

# written_back NAMESPACE: first and last offset, modulo 1 GiB, and number of bytes since it
# was asked last; these by the number of calls, each of which has to be for one page
written_back() {
	wb_calls=$(awk '$1 == "wb" { print $2 }' $tracing/kprobe_profile)
	awk -F '[ =]' -v start="$(counter "$1" data_start)" \
		-v calls=$((wb_calls - $(cat /tmp/wb_calls))) '
		/ wb: / {
			at = ($(NF - 4) - start % 1073741824 + 1073741824) % 1073741824
			if (!n || at < first) first = at
			if (!n || at + $NF > end) end = at + $NF
			if ($NF != 4096) other = $NF
			n++
		}
		END {
			printf "%d-%d %d\n", first, end, calls * 4096
			if (other) printf "calls of %d bytes\n", other
		}' $tracing/trace
	echo "$wb_calls" >/tmp/wb_calls
	echo >$tracing/trace
}
