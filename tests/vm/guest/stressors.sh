# The field's own fuzzers on the node: stress-ng does all that can be done to a device's file,
# and trinity makes random calls, as a user who was given it. pma_calls=N of trinity's.
# guest: when=debug
# guest: extra=stress
# guest: smp=2
# guest: nvdimm=256M
# guest: timeout=120
. ./lib.sh
plan 12

calls=$(sed -n 's/.*pma_calls=\([0-9]*\).*/\1/p' /proc/cmdline)
calls=${calls:-10000}
ns=namespace0.0
node=/dev/$ns
must load_nfit
must modprobe pmem_altmap
must attach $ns
before=$(cat $providers/$ns/data_size $providers/$ns/alloc)
echo 'nobody:x:65534:65534::/tmp:/bin/sh' >/etc/passwd
echo 'nogroup:x:65534:' >/etc/group
mkdir -p /dev/shm /tmp/trinity
chmod 777 /dev/shm /tmp/trinity /tmp

stress-ng --dev 2 --dev-file $node --timeout 20 --metrics-brief --temp-path /tmp >/tmp/out 2>&1
is "$?" 0 "stress-ng comes to its end"
ops=$(awk '$4 == "dev" { print $5 }' /tmp/out)
diag "$(tail -n 5 /tmp/out)"
[ "${ops:-0}" -ge 3 ]
ok $? "it went over the node ${ops:-no} times, 3 or more"

mkdir /tmp/victims
for group in vm vfs; do
	# shellcheck disable=SC2046 # words
	mknod -m 666 /tmp/victims/$group c $(printf '%d %d' "0x$(stat -c %t $node)" "0x$(stat -c %T $node)")
	# It dies of its own 32-bit calls, and of sockets that a kernel does not know
	(cd /tmp/trinity && su nobody -c "trinity -q -l off -a64 --disable-fds=sockets -C 2 -N $calls -g $group -V /tmp/victims") >/tmp/out 2>&1
	rc=$?
	diag "$(tail -n 3 /tmp/out)"
	is "$rc" 0 "trinity, $group: comes to its end"
	ran=$(sed -n 's/.*Ran \([0-9]*\) syscalls.*/\1/p' /tmp/out)
	[ "${ran:-0}" -ge "$calls" ]
	ok $? "trinity, $group: made ${ran:-no} calls, $calls or more"
done
is "$(counter $ns mappings) $(counter $ns pinned)" "0 0" "nothing stays mapped or pinned"
is "$(cat $providers/$ns/data_size $providers/$ns/alloc)" "$before" "the counters are as before"
try "quiesces" write $ns $drv/quiesce
try "resumes" write $ns $drv/resume
try "detaches" detach $ns
try "the module can be unloaded" rmmod pmem_altmap
