# Binding, unbinding, naming and reading at once, from several processes: whatever
# comes of each, nothing breaks, and in the end everything is as it was.
# guest: nvdimm=1G
# guest: nvdimm=1G
# guest: silence=240
. ./lib.sh
plan 9

must load_stock
must modprobe pmem_altmap
for ns in namespace0.0 namespace1.0; do
	must devdax_create $ns
done
must ndctl disable-namespace all
: >/tmp/read
free_before=$(mem_free)

# until_stopped COMMAND...
until_stopped() {
	while [ ! -e /tmp/stop ]; do
		"$@"
	done >/dev/null 2>&1
}

binder() {
	echo "$1" >$drv/allow && echo "$1" >$drv/bind && echo "$1" >>/tmp/attached
}

unbinder() {
	echo "$1" >$drv/unbind && echo x >>/tmp/detached
	sleep 0.05
}

reader() {
	# No process for each: they are there for a moment only
	for file in "$providers"/*/* $drv/allow; do
		read -r line <"$file" && [ "$file" != $drv/allow ] && echo "$line" >>/tmp/read
	done
}

forgetter() {
	echo >$drv/allow
	sleep 0.5
}

for ns in namespace0.0 namespace1.0; do
	until_stopped binder $ns &
	until_stopped binder $ns &
	until_stopped unbinder $ns &
done
until_stopped reader &
until_stopped reader &
until_stopped forgetter &
sleep 30
# Where all is slow it takes longer
for _ in $(seq 120); do
	[ "$(wc -l </tmp/attached)" -lt 20 ] || [ "$(wc -l </tmp/read)" -lt 10 ] || break
	sleep 1
done
touch /tmp/stop
wait

for ns in namespace0.0 namespace1.0; do
	detach $ns
done
attached=$(wc -l </tmp/attached)
detached=$(wc -l </tmp/detached)
read=$(wc -l </tmp/read)
# Which is DRAM
rm /tmp/read
diag "$attached attached, $detached detached, read $read times"
[ "$attached" -ge 20 ]
ok $? "there was enough of it"
[ "$read" -ge 10 ]
ok $? "and it was read meanwhile"
is "$(sort -u /tmp/attached | wc -l)" 2 "of both"
is "$(ls $providers; cat $drv/allow | sort -u | grep -v '^namespace[01].0$')" "" "nothing is left"
is "$(dmesg | grep -c 'the kernel kept')" 0 "every alloc was back at 0"
allow ""
free_after=$(mem_free)
lost=$((free_before - free_after))
diag "$lost bytes of DRAM lost"
[ $lost -lt $((1048576 + noise)) ]
ok $? "no DRAM is lost"
for ns in namespace0.0 namespace1.0; do
	try "$ns: the stock driver takes it" ndctl enable-namespace $ns
done
try "the module can be unloaded" rmmod pmem_altmap
