# Any call on the device node, from several processes at once, while it is quiesced and
# resumed: what is seen through mappings is the data only, nothing beside it changes, and
# what must not work does not. pma_rounds=N calls for each process, pma_seed=N.
# guest: nvdimm=256M
# guest: nvdimm=256M
# guest: silence=240
. ./lib.sh
plan 17

setting() {
	sed -n "s/.*pma_$1=\([0-9]*\).*/\1/p" /proc/cmdline
}
rounds=$(setting rounds)
rounds=${rounds:-1200}
seed=$(setting seed)
seed=${seed:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

must load_nfit
must modprobe pmem_altmap
free_before=$(mem_settled) || exit
# The kernel's own before 6.5, of what madvise() is asked for: see the test stale
case $(uname -r) in
5.* | 6.[0-4].*) kernel_bug ': bad pmd ' ;;
esac

# value NAME: the sum over all runs
value() {
	awk -v name="$1" '$1 == name { sum += $2 } END { print sum + 0 }' /tmp/out
}

quiesced() {
	wc -l </tmp/quiesced
}

# quieter NAMESPACE: revoke all mappings now and then
quieter() {
	while [ ! -e /tmp/stop ]; do
		sleep 0.7
		echo "$1" >$drv/quiesce && echo x >>/tmp/quiesced
		echo "$1" >$drv/resume
	done 2>/dev/null
}

for ns in namespace0.0 namespace1.0; do
	node=/dev/$ns
	must attach $ns
	size=$(counter $ns data_size)
	align=$(cat $bus/devices/$ns/dax/$ns/align)
	counters=$(cd $providers/$ns && grep . base_pfn end_pfn reserve free align alloc offset nr_free data_start data_size dram_memmap)
	must fuzznode $node "$size" "$align" fill
	rm -f /tmp/stop /tmp/out
	: >/tmp/quiesced
	quieter $ns &
	# Where all is fast one run ends before there was enough of the other
	for run in $(seq 0 19); do
		fuzznode $node "$size" "$align" $((seed + run)) "$rounds" 3 >>/tmp/out 2>&1
		rc=$?
		if [ $rc -ne 0 ] || [ "$(quiesced)" -ge 5 ]; then
			break
		fi
	done
	touch /tmp/stop
	wait
	diag "$ns, align $align, seeds $seed to $((seed + run)), quiesced $(quiesced) times:$(for name in calls mapped loads stores bus_errors copies wrong died; do
		printf ' %s' "$name $(value $name)"
	done)"
	grep '^#' /tmp/out
	is "$rc $(value wrong) $(value died)" "0 0 0" "$ns: nothing foreign is seen, nothing works that must not"
	all=$((rounds * (run + 1)))
	[ "$(value calls)" -ge $((all * 3)) ] && [ "$(value loads)" -ge $((all / 12)) ] && [ "$(value stores)" -ge $((all / 12)) ] &&
		[ "$(value copies)" -ge $((all / 60)) ] && [ "$(value mapped)" -ge $((all / 24)) ] &&
		[ "$(value bus_errors)" -ge 1 ] && [ "$(quiesced)" -ge 5 ]
	ok $? "$ns: there was enough of it"
	must write $ns $drv/resume
	try "$ns: all of the data is of it" fuzznode $node "$size" "$align" check
	is "$(cd $providers/$ns && grep . base_pfn end_pfn reserve free align alloc offset nr_free data_start data_size dram_memmap)" \
		"$counters" "$ns: the counters are as before"
	is "$(counter $ns mappings) $(counter $ns pinned)" "0 0" "$ns: nothing is mapped or pinned"
	log_mark
	try "$ns: detaches" detach $ns
	is "$(log_since | grep -c "alloc is back at 0")" 1 "$ns: and alloc is back at 0"
done
must attach namespace0.0
must detach namespace0.0
lost=$((free_before - $(mem_settled)))
diag "$lost bytes of DRAM lost"
[ $lost -lt $((4194304 + settled_noise)) ]
ok $? "no DRAM is lost"
try "the module can be unloaded" rmmod pmem_altmap
is "$(ls /dev/namespace* 2>/dev/null)" "" "no node is left"
