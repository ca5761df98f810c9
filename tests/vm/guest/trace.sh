# The tracepoints, as trace-cmd, perf and bpftrace show them, and the kretprobes that look
# at other drivers, which are not there unless they are asked for.
# guest: mem=3G
# guest: extra=trace
# The guest has one CPU, since each tracer and each probe has the kernel patch its own code.
# An emulated kernel with two CPUs dies of an int3 at that now and then: see unbooted() in
# tests/lib.sh.
# guest: smp=1
# guest: nvdimm=1G
# guest: nvdimm=256M
. ./lib.sh
plan 29

ns=namespace0.0
node=/dev/$ns
tracing=/sys/kernel/tracing
must mount -t tracefs tracefs $tracing
must load_stock
must modprobe pmem_altmap
must devdax_create $ns
must ndctl disable-namespace $ns

cat >/tmp/work <<-EOF
	#!/bin/sh
	cd /tests && . ./lib.sh
	attach $ns && daxfill $node 4194304 fill 1 && detach $ns
EOF
chmod 755 /tmp/work
# What one round of it is, in the order of time
round="add_begin add_end fault fault revoke remove_begin remove_end"

# events FILE: the names in it, without faults of the sizes that only say "fall back"
events() {
	grep -vE "order=(0|18) " "$1" | sed -n 's/.*pmem_altmap_\([a-z_]*\):.*/\1/p' | tr '\n' ' '
}

# numbers FILE TOOL: what its lines say
numbers() {
	grep -q 'add_begin: *dev=namespace0.0 start=0x[0-9a-f]* size=1073741824 reserve=2 free=4606 align=2097152' "$1"
	ok $? "$2: what is added"
	grep -q 'add_end: *dev=namespace0.0 start=0x[0-9a-f]* size=1073741824 error=0 duration=[1-9][0-9]* alloc=4096' "$1"
	ok $? "$2: how long it took, and alloc"
	grep -q 'fault: *dev=namespace0.0 address=0x[0-9a-f]* pgoff=0\(x0\)* order=9 write=1 result=0x100' "$1"
	ok $? "$2: a fault of 2 MiB"
	grep -q 'remove_end: *dev=namespace0.0 start=0x[0-9a-f]* size=1073741824 duration=[1-9][0-9]* leaked=0' "$1"
	ok $? "$2: how long removing took"
}

is "$(cd $tracing/events/pmem_altmap && ls -d pmem_altmap_* | sed 's/pmem_altmap_//' | tr '\n' ' ')" \
	"add_begin add_end fault other_add other_remove pinned_wait refuse remove_begin remove_end revoke " "the tracepoints"
is "$(cat $tracing/events/pmem_altmap/enable)" 0 "are off"

try "trace-cmd records" trace-cmd record -q -e pmem_altmap -o /tmp/trace.dat /tmp/work
trace-cmd report -i /tmp/trace.dat >/tmp/report 2>/tmp/err
is "$(events /tmp/report)" "$round " "trace-cmd: in this order"
numbers /tmp/report trace-cmd
diag "$(grep pmem_altmap_ /tmp/report)"

try "perf records" perf record -q -a -e 'pmem_altmap:*' -o /tmp/perf.data /tmp/work
perf script -i /tmp/perf.data >/tmp/report 2>/tmp/err
is "$(events /tmp/report)" "$round " "perf: in this order"
numbers /tmp/report perf
diag "$(cat /tmp/err)"

cat >/tmp/durations.bt <<-'EOF'
	tracepoint:pmem_altmap:pmem_altmap_add_end { printf("%s %d %d\n", args->dev, args->error, args->alloc); @add = hist(args->duration); }
	tracepoint:pmem_altmap:pmem_altmap_fault { @faults[args->order] = count(); }
EOF
bpftrace -o /tmp/report -c "/bin/busybox sh /tmp/work" /tmp/durations.bt 2>/tmp/err
is "$? $(grep -c "^$ns 0 4096" /tmp/report)" "0 1" "bpftrace: an add"
is "$(grep -c '@faults\[9\]: 2' /tmp/report) $(grep -c '^@add' /tmp/report)" "1 1" "bpftrace: faults, and a histogram"
diag "$(cat /tmp/err /tmp/report)"

# The rest, by the kernel's own files
# traced EVENT: lines of it
traced() {
	grep "pmem_altmap_$1: " $tracing/trace
}
echo 1 >$tracing/events/pmem_altmap/enable
is "$(traced "[a-z_]*")" "" "nothing was left in the buffer"
must ndctl create-namespace -f -e namespace1.0 --mode=fsdax
must ndctl disable-namespace namespace1.0
attach namespace1.0
is "$(traced refuse | grep -c 'dev=namespace1.0 error=-95 reason=.*fsdax')" 1 "a refusal and its reason"
must attach $ns
must mkfifo /tmp/go
: >/tmp/out
daxpages $node 4194304 hold /tmp/go >/tmp/out 2>&1 &
said "mapped: ok"
must write $ns $drv/quiesce
is "$(traced revoke | grep -c "dev=$ns mappings=1")" 1 "revoking, and how many mappings"
echo >/tmp/go
wait
must write $ns $drv/resume
rm /tmp/go
must mkfifo /tmp/go
: >/tmp/out
daxpages $node 2097152 pin /tmp/go >/tmp/out 2>&1 &
said '^pinned$'
detach $ns &
sleep 2
is "$(traced pinned_wait | grep -c "dev=$ns pinned=512 pfn=0x[0-9a-f]* waited=0")" 1 "a wait for pinned pages"
is "$(traced remove_begin)" "" "which is not removing yet"
echo >/tmp/go
wait
is "$(traced remove_end | grep -c "dev=$ns")" 1 "removing, when it is over"

# Other drivers
probes() {
	cut -c1-2000 /sys/kernel/debug/kprobes/list | grep -c 'mem[a-z]*map_pages'
}
is "$(probes) $(cat /sys/module/pmem_altmap/parameters/time_others)" "0 N" "no probe is there"
must rmmod pmem_altmap
must modprobe pmem_altmap time_others=1
is "$(probes) $(cat /sys/module/pmem_altmap/parameters/time_others)" "2 Y" "two are when they are asked for"
echo >$tracing/trace
echo 1 >$tracing/events/pmem_altmap/enable
must ndctl enable-namespace $ns
is "$(traced other_add | grep -c 'type=generic start=0x[0-9a-f]* size=1073741824 error=0 duration=[1-9][0-9]* alloc=4096')" 1 "the stock driver's add"
must ndctl disable-namespace $ns
is "$(traced other_remove | grep -c 'type=generic start=0x[0-9a-f]* size=1073741824 duration=[1-9][0-9]*')" 1 "and its remove"
must attach $ns
must detach $ns
is "$(traced other_add | wc -l) $(traced add_end | wc -l)" "1 1" "ours are not among the others"
try "unloads" rmmod pmem_altmap
is "$(probes)" 0 "and takes the probes away"
