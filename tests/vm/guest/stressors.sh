# The field's own fuzzers on the node: stress-ng does all that can be done to a device's file,
# and trinity makes random calls, as a user who was given it. pma_calls=N of trinity's. Fault
# events with VM_FAULT_NOPAGE show that trinity came to map it and to touch what it mapped,
# which stress-ng does not do.
# guest: when=debug
# guest: extra=stress
# guest: smp=2
# guest: nvdimm=256M
# guest: nvdimm=256M
. ./lib.sh
plan 28

calls=$(sed -n 's/.*pma_calls=\([0-9]*\).*/\1/p' /proc/cmdline)
calls=${calls:-5000}
all="namespace0.0 namespace1.0"
tracing=/sys/kernel/tracing
must load_nfit
must modprobe pmem_altmap
must mount -t tracefs tracefs $tracing
echo 1 >$tracing/events/pmem_altmap/pmem_altmap_fault/enable
for ns in $all; do
	must attach "$ns"
done
is "$(cat /sys/bus/nd/devices/*/dax/namespace*/align | paste -sd ' ')" "2097152 4096" "of both kinds of pages"
before=$(cat $providers/*/data_size $providers/*/alloc)
echo 'nobody:x:65534:65534::/tmp:/bin/sh' >/etc/passwd
echo 'nogroup:x:65534:' >/etc/group
mkdir -p /dev/shm /tmp/trinity
chmod 777 /dev/shm /tmp/trinity /tmp

for ns in $all; do
	stress-ng --dev 2 --dev-file "/dev/$ns" --timeout 20 --metrics-brief --temp-path /tmp >/tmp/out 2>&1
	is "$?" 0 "stress-ng, $ns: comes to its end"
	ops=$(awk '$4 == "dev" { print $5 }' /tmp/out)
	diag "$(tail -n 5 /tmp/out)"
	[ "${ops:-0}" -ge 10 ]
	ok $? "stress-ng, $ns: went over the node ${ops:-no} times, 10 or more"
done

# pages NAMESPACE, opened NAMESPACE GROUP, touched NAMESPACE GROUP: by trinity, as the trace has it
pages() {
	grep -c "pmem_altmap_fault: dev=$1 .* result=0x100$" $tracing/trace
}
opened() {
	o_count=$(grep -c ' opened: ' $tracing/trace)
	[ "$o_count" -ge 1 ]
	ok $? "trinity, $2, $1: has opened the node $o_count times"
}
touched() {
	t_count=$(pages "$1")
	[ "$t_count" -ge 1 ]
	ok $? "trinity, $2, $1: has had pages of the node $t_count times"
}

must write 'p:opened pmem_altmap:node_open' $tracing/kprobe_events
must write 1 $tracing/events/kprobes/opened/enable
for group in vm vfs; do
	for ns in $all; do
		victims=/tmp/victims/$group/$ns
		mkdir -p "$victims"
		# shellcheck disable=SC2046 # words
		mknod -m 666 "$victims/node" c $(printf '%d %d' "0x$(stat -c %t "/dev/$ns")" "0x$(stat -c %T "/dev/$ns")")
		echo >$tracing/trace
		# No files but the node; and it dies of its own 32-bit calls. Few of its mappings are
		# of whole units of 2 MiB, so once more if none was touched.
		for _ in 1 2 3 4 5; do
			(cd /tmp/trinity && su nobody -c "trinity -q -l off -a64 --enable-fds=pseudo -C 2 -N $calls -g $group -V $victims") >/tmp/out 2>&1
			rc=$?
			if [ $rc -ne 0 ] || [ $group != vm ] || [ "$(pages "$ns")" -gt 0 ]; then
				break
			fi
		done
		diag "$(tail -n 3 /tmp/out)"
		is "$rc" 0 "trinity, $group, $ns: comes to its end"
		ran=$(sed -n 's/.*Ran \([0-9]*\) syscalls.*/\1/p' /tmp/out)
		[ "${ran:-0}" -ge "$calls" ]
		ok $? "trinity, $group, $ns: made ${ran:-no} calls, $calls or more"
		opened "$ns" $group
		[ $group != vm ] || touched "$ns" $group
	done
done
must write 0 $tracing/events/kprobes/opened/enable
must write "" $tracing/kprobe_events
is "$(cat $providers/*/mappings $providers/*/pinned | paste -sd ' ')" "0 0 0 0" "nothing stays mapped or pinned"
is "$(cat $providers/*/data_size $providers/*/alloc)" "$before" "the counters are as before"
for ns in $all; do
	try "$ns: quiesces" write "$ns" $drv/quiesce
	try "$ns: resumes" write "$ns" $drv/resume
	try "$ns: detaches" detach "$ns"
done
try "the module can be unloaded" rmmod pmem_altmap
