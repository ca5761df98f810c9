# Each allocation that is made for us fails once, one at a time: "fail the Nth" over
# loading, attaching, opening, ... until a run goes through.
# guest: when=debug
# guest: append=memmap=128M$4224M
# guest: nvdimm=128M
# guest: timeout=600
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

# What the kernel says of a failed allocation has a call trace, and no more
kernel_bug "Call Trace:"
fail alloc load 1
fail alloc attach 1
fail alloc open 1
fail alloc mmap 1
fail alloc fault 1
fail alloc sync 0
fail alloc files 1
fail alloc quiesce 1
fail alloc resume 0
fail alloc detach 1
fail alloc client 1
fail alloc unload 1
