# The kernel clears huge pages of device memory that it takes for broken and has no CPU forget
# them, see pma_gate_shut(), on device-dax as on ours: whoever could store to them goes
# on. On ours not beyond quiescing.
# guest: mem=3G
# guest: nvdimm=4G
. ./lib.sh
plan 24

ns=namespace0.0
must load_stock
must modprobe pmem_altmap
must mkfifo /tmp/go
must write -1 /proc/sys/kernel/sched_rt_runtime_us
diag "$(sed -n 's/^flags.*\b\(invpcid\)\b.*/\1/p' /proc/cpuinfo | sort -u | grep . || echo 'no invpcid')"

# begin NODE HOW: stores begin, and something is done to what is stored to
begin() {
	: >/tmp/out
	daxstale "$1" "$bytes" "$2" /tmp/go >/tmp/out 2>&1 &
	pid=$!
	until grep -q '^before: ' /tmp/out || ! kill -0 $pid; do
		sleep 0.05
	done 2>/dev/null
}

# end: let it look whether the stores go on
end() {
	! kill -0 $pid 2>/dev/null || : >/tmp/go
	wait $pid
}

broken() {
	log_since | grep -c ': bad p[mu]d '
}

shown=0
for align in 2M 1G; do
	must devdax_create $ns --align=$align
	bytes=$(cat /sys/bus/dax/devices/dax0.0/align)
	echo pma-stock-begin >/dev/kmsg
	stock=
	for how in cold pageout protect move; do
		log_mark
		begin /dev/dax0.0 $how
		end
		stock="$stock $how: $(broken)"
	done
	# Not at once, and one that ours has, too: see the test mmap
	sleep 1
	log_since | grep -q 'Bad rss-counter state' && [ $align = 1G ] &&
		kernel_bug 'Bad rss-counter state .*MM_FILEPAGES val:262144 '
	echo pma-stock-end >/dev/kmsg
	[ -z "$(echo "$stock" | tr -d ' a-z:0')" ] || kernel_bug ': bad p[mu]d '
	must ndctl disable-namespace $ns
	must attach $ns
	ours=
	for how in cold pageout protect move; do
		# Who else comes by on its CPU has it forget the entry
		for _ in 1 2 3 4 5; do
			log_mark
			begin /dev/$ns $how
			write $ns $drv/quiesce
			quiesced=$errno
			end
			must write $ns $drv/resume
			if [ "$(broken)" -eq 0 ] || grep -q ': going$' /tmp/out; then
				break
			fi
		done
		ours="$ours $how: $(broken)"
		diag "$align $how: $(tr '\n' ' ' </tmp/out)$(broken) broken entries"
		is "$quiesced" 0 "$align $how: quiesces"
		is "$(sed -n 's/^after: //p' /tmp/out | grep -cE '^(Bus error|Segmentation fault)$')" 1 "$align $how: and nothing is stored any more"
		if [ "$(broken)" -ge 1 ] && grep -qx 'before: going' /tmp/out; then
			shown=$((shown + 1))
		fi
	done
	is "$ours" "$stock" "$align: entries are taken for broken as on device-dax"
	is "$(counter $ns mappings) $(counter $ns pinned)" "0 0" "$align: nothing stays mapped or pinned"
	try "$align: detaches" detach $ns
done
diag "$shown ways to store by what a CPU has not forgotten"
[ $shown -ge 1 ]
ok $? "it would go on, were nothing done about it"
try "the module can be unloaded" rmmod pmem_altmap
