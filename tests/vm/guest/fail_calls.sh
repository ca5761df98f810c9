# Each function of the kernel that we call and that can fail does so once, one call at a
# time: those of fail_calls.points. A media error is one of them.
# guest: when=debug
# guest: append=memmap=128M$4224M
# guest: nvdimm=128M
# guest: silence=300
. ./lib.sh
plan 29

. ./fail_lib.sh
must insmod /tests/modules/pma_failpoint.ko
# The last of the names that this kernel has
grep -v '^#' fail_calls.points | grep . | grep -v ' never$' | while read -r names rest; do
	echo "$(symbol_of "$names") $rest"
done >/tmp/points
while read -r point; do
	write "$point" $dir/pma_failpoint/add || diag "$point: $errno"
done </tmp/points
is "$(wc -l <$dir/kprobes/list)" "$(wc -l </tmp/points)" "every function has a probe"

fail call load 14
fail call attach 41
is "$(dmesg | grep -c "not attached (error -5): media error")" 3 "media errors in the head and below the memmap are found and told"
is "$(dmesg | grep -c "not attached (error -12): 0 bytes of DRAM are available, but")" 1 "too little DRAM is told before anything is added"
fail call open 0
fail call mmap 1
fail call fault 2
fail call sync 1
fail call files 13
fail call quiesce 2
fail call resume 2
fail call detach 0
fail call client 30
fail call unload 0

sort /tmp/hits | uniq -c | sed 's/^/# /'
is "$(cut -d' ' -f1 /tmp/points | while read -r symbol; do
	grep -qx "hit $symbol" /tmp/hits || echo "$symbol"
done)" "" "each has failed at least once"
must rmmod pma_failpoint
try "the module loads" modprobe pmem_altmap
