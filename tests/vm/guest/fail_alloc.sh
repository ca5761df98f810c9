# Each allocation that is made for us fails once, one at a time: "fail the Nth" over
# loading, attaching, opening, ... until a run goes through.
# guest: when=debug
# guest: append=memmap=128M$4224M
# guest: nvdimm=128M
# guest: silence=300
. ./lib.sh
plan 24

. ./fail_lib.sh
for kind in failslab fail_page_alloc; do
	must write N $dir/$kind/ignore-gfp-wait
	must write 0 $dir/$kind/verbose
	# Only tasks that count are concerned
	must write Y $dir/$kind/task-filter
done
must write 0 $dir/fail_page_alloc/min-order
must write N $dir/fail_page_alloc/ignore-gfp-highmem
must write 0 $dir/fail_usercopy/verbose

# x86 follows what it got for a page table of the direct map without a look: the kernel's
# own, so what init_memory_mapping() allocates is left out
# shellcheck disable=SC2046 # words
set -- $(grep -A 1 ' init_memory_mapping$' /proc/kallsyms | cut -d' ' -f1)
for kind in failslab fail_page_alloc; do
	must write 32 $dir/$kind/stacktrace-depth
	must write "0x$1" $dir/$kind/reject-start
	must write "0x$2" $dir/$kind/reject-end
done

# What the kernel says of a failed allocation has a call trace, and no more; but tracing
# warns when a module's events cannot be set up, and memory hotplug when an add fails
kernel_bug "Call Trace:"
# 6.12 and 7.3 have "at" in different places
kernel_bug "WARNING: .*arch/x86/mm/init_64.c:[0-9]*\( at\)* add_pages"
kernel_bug "WARNING: .*kernel/trace/trace_events.c:[0-9]*\( at\)* event_"
# A tenth below what was counted, or one, since the kernel's own vary
fail alloc attach 171
fail alloc open 5
fail alloc mmap 8
fail alloc fault 2
fail alloc sync 0
fail alloc files 115
fail alloc quiesce 3
fail alloc resume 3
fail alloc detach 10
fail alloc client 438
fail alloc unload 21
fail alloc load 720
