# Other modules add ranges and are told of them: the interface of linux/pmem_altmap.h, used
# right and wrong by a test module, and by the sample client.
# guest: kaslr=yes
# guest: long=yes
# guest: mem=6G
# guest: append=memmap=2G$6G
# guest: nvdimm=512M
# guest: extra=cli
# guest: qemu=-drive file=@work@/disk,if=none,id=disk,format=raw -device nvme,serial=disk,drive=disk
. ./lib.sh
checks=112
plan $((checks + 66))

start=0x180000000
size=$((2 << 30))
ns=namespace0.0
must load_stock
must modprobe nvme
must modprobe pmem_altmap

# held: whoever has the range
held() {
	sed -n 's/^ *180000000-1ffffffff : //p' /proc/iomem | tr '\n' ' '
}
is "$(held)" "Reserved " "the range is reserved"
free_before=$(mem_free)

# The interface, right and wrong
told=1
case $(uname -r) in
5.*) told=0 ;;
esac
log_mark
while [ ! -e /tmp/stop ]; do
	cat $providers/*/* /sys/kernel/debug/pmem_altmap/altmaps
done >/dev/null 2>&1 &
try "the test module loads" insmod /tests/modules/pma_apitest.ko start=$start size=$size seconds=5 told=$told
touch /tmp/stop
wait
log_since | sed -n 's/.*pma_apitest: //p' >/tmp/log
while read -r line; do
	case $line in
	"ok "*) ok 0 "${line#ok }" ;;
	"not ok "*) ok 1 "${line#not ok }" ;;
	*) diag "$line" ;;
	esac
done </tmp/log
is "$(sed -n 's/^done //p' /tmp/log)" $checks "all of it was tried"
is "$(log_since | grep -c 'put more often than it was got')" 2 "a put too much is told"
is "$(ls $providers) $(held)" " Reserved " "nothing is left"

# A namespace, whoever else follows it
must devdax_create $ns
must ndctl disable-namespace $ns
must write 1 /sys/module/pma_apitest/parameters/hold
log_mark
must attach $ns
is "$(counter $ns users)" 1 "a notifier gets a namespace"
write $ns $drv/quiesce
is "$errno $(log_since | grep -c "$ns: not quiesced (error -16): other modules hold 1 references to it: unload them, or end what they do, and try again") $(counter $ns state)" \
	"Device or resource busy 1 attached" "refused: quiescing it"
write 1 /sys/module/pma_apitest/parameters/rm
is "$errno $(log_since | grep -c 'not removed (error -1): it belongs to the driver of namespace0.0')" \
	"Operation not permitted 1" "refused: removing a namespace"
try "detaches" detach $ns
is "$(log_since | grep -c 'namespace0.0: put')" 1 "the notifier lets go of it"

# While a notifier takes its time, modules that have none come and go
write 0 /sys/module/pma_apitest/parameters/hold
write 1 /sys/module/pma_apitest/parameters/stay
must attach $ns
log_mark
write $ns $drv/unbind &
unbinding=$!
for _ in $(seq 600); do
	[ "$(log_since | grep -c "$ns: stays")" -eq 0 ] || break
	sleep 0.1
done
must insmod /tests/modules/pma_hold.ko
try "another module goes" rmmod pma_hold
kill -0 $unbinding
ok $? "while a notifier is called"
write 0 /sys/module/pma_apitest/parameters/stay
wait $unbinding
ok $? "and that ends, too"
try "the test module goes" rmmod pma_apitest

# The sample client
disk=/dev/nvme0n1
log_mark
try "the client loads" insmod /tests/modules/pmem_altmap_client.ko start=$start size=$size disk=$disk
dev=pmem_altmap_client
is "$(ls $providers)" $dev "its range is in debugfs"
is "$(counter $dev alloc) $(counter $dev dram_memmap) $(counter $dev state) $(counter $dev mappings) $(counter $dev pinned)" \
	"8192 0 attached 0 0" "with its counters"
is "$(held)" "Reserved $dev " "and in /proc/iomem"
is "$(log_since | grep -c '2097152 bytes went to /dev/nvme0n1 and came back')" 1 "direct I/O with its pages"
is "$(log_since | grep -c "$dev: \[mem 0x180000000-0x1ffffffff\] \(is being\|was\) added")" 2 "its notifier was told"
if [ -e /sys/kernel/debug/pmem_altmap/altmaps_json ]; then
	is "$(sed -n 's/.*"owner":"\([^"]*\)","driver":"\([^"]*\)".*/\1 \2/p' /sys/kernel/debug/pmem_altmap/altmaps_json)" \
		"$dev $dev" "it is in the census"
else
	[ "$(dmesg | grep -c 'there are no altmaps, altmaps_json and summary')" -ge 1 ]
	ok $? "there is no census, and the log says so"
fi
is "$(altmapctl list | sed -n 's/ *"device":"\(.*\)",/\1/p')" $dev "altmapctl list shows it"
rmmod pmem_altmap 2>/tmp/err
is "$? $(grep -c 'in use' /tmp/err)" "1 1" "pmem_altmap stays as long as a client does"
try "the client goes" rmmod pmem_altmap_client
is "$(ls $providers) $(held)" " Reserved " "nothing is left"
is "$(log_since | grep -c "$dev: \[mem 0x180000000-0x1ffffffff\] \(is being\|was\) removed")" 2 "its notifier was told"

# A client whose probe fails after all
log_mark
insmod /tests/modules/pmem_altmap_client.ko start=$start size=$size fail_probe=1 2>/dev/null
is "$? $(lsmod | grep -c '^pmem_altmap_client')" "1 0" "a client fails"
is "$(ls $providers) $(held) $(log_since | grep -c 'alloc is back at 0')" " Reserved  1" "and leaves nothing"
insmod /tests/modules/pmem_altmap_client.ko start=$start size=$size disk=/dev/nothing 2>/dev/null
is "$? $(ls $providers) $(held)" "1  Reserved " "nor does one whose I/O fails"
insmod /tests/modules/pmem_altmap_client.ko start=0x100000 size=$size 2>/dev/null
is "$? $(ls $providers)" "1 " "or that wants System RAM"

# A client that maps a page of its range into user space
must insmod /tests/modules/pma_mapper.ko start=$start size=$size
must mkfifo /tmp/go
daxflush /dev/pma_mapper 4096 shared wait </tmp/go >/tmp/out 2>&1 &
exec 7>/tmp/go
try "a client maps a page of its range" said waiting
log_mark
write 1 /sys/module/pma_mapper/parameters/remove
is "$errno $(log_since | grep -c 'pma_mapper.*: not removed (error -16): 1 data pages are still pinned')" \
	"Device or resource busy 1" "its range is not removed below that"
exec 7>&-
wait
try "but then" write 1 /sys/module/pma_mapper/parameters/remove
must rmmod pma_mapper

# The same of a namespace, which it lets go of and leaves mapped
must insmod /tests/modules/pma_mapper.ko
must attach $ns
rm -f /tmp/out
daxflush /dev/pma_mapper 4096 shared wait </tmp/go >/tmp/out 2>&1 &
exec 7>/tmp/go
try "a client maps a page of a namespace" said waiting
write 1 /sys/module/pma_mapper/parameters/put
log_mark
write $ns $drv/quiesce
is "$errno $(log_since | grep -c "$ns: not quiesced (error -16): [0-9]* data pages are still pinned") $(counter $ns state)" \
	"Device or resource busy 1 attached" "it is not quiesced below that"
altmapctl detach $ns 2>/tmp/err
is "$? $(grep -c "$ns: not detached (EBUSY): .*: end what uses it, or wait with --timeout$" /tmp/err)" \
	"2 1" "altmapctl does not say that force would do"
(exec 7>&-; write $ns $drv/unbind) &
unbinding=$!
for _ in $(seq 600); do
	[ "$(log_since | grep -c "$ns: detaching, but [0-9]* data pages are still pinned")" -eq 0 ] || break
	sleep 0.1
done
is "$(log_since | grep -c "$ns: detaching, but [0-9]* data pages are still pinned")" 1 "detaching waits for it"
is "$(log_since | grep -c "$ns: detached") $(grep -c ": $ns$" /proc/iomem)" "0 1" "and does not go on"
(
	exec 7>&-
	altmapctl list && altmapctl list -n $ns && altmapctl doctor | grep -q '^ok *namespaces' &&
		touch /tmp/looked
) >/dev/null 2>&1 &
looking=$!
for _ in $(seq 600); do
	[ ! -e /tmp/looked ] || break
	sleep 0.1
done
[ -e /tmp/looked ]
ok $? "altmapctl list and doctor do not wait for it"
exec 7>&-
wait $unbinding
ok $? "but then"
wait $looking
is "$(log_since | grep -c "$ns: detached .* alloc is back at 0")" 1 "it is detached"
wait
must attach $ns
write 1 /sys/module/pma_mapper/parameters/put
try "quiesced with nothing mapped" write $ns $drv/quiesce
try "and detached" detach $ns
# A refusal that would have the driver core try again, with any driver
must write -517 /sys/module/pma_mapper/parameters/refuse
attach $ns
is "$errno $(ls $providers)" "$(bind_error "Device or resource busy") " "refused with EPROBE_DEFER by a notifier"
is "$(grep -c "^$ns" /sys/kernel/debug/devices_deferred)" 0 "which puts nothing off"
must write 0 /sys/module/pma_mapper/parameters/refuse
# A client that keeps its reference
must attach $ns
log_mark
write $ns $drv/unbind &
unbinding=$!
for _ in $(seq 600); do
	[ "$(log_since | grep -c "$ns: detaching, but other modules hold")" -eq 0 ] || break
	sleep 0.1
done
is "$(log_since | grep -c "$ns: detaching, but other modules hold 1 references to it (for 0 s): unload them, or end what they do") $(log_since | grep -c "$ns: detached")" \
	"1 0" "detaching waits for a client that has it, and says so"
must write 1 /sys/module/pma_mapper/parameters/put
wait $unbinding
ok $? "until it lets go"
is "$(log_since | grep -c "$ns: detached .* alloc is back at 0") $(log_since | grep -c forgot)" "1 0" "and is through"
# It goes and forgets that it has the namespace
must attach $ns
is "$(counter $ns users)" 1 "a client has a namespace"
must rmmod pma_mapper
log_mark
try "it has gone: detaching does not wait" detach $ns
is "$(log_since | grep -c "$ns: detaching: modules that were unloaded have left 1 references to it, which are not waited for") $(log_since | grep -c 'alloc is back at 0')" \
	"1 1" "and says so"

# A client that goes, and leaves its range
must insmod /tests/modules/pma_mapper.ko
must insmod /tests/modules/pma_forgets.ko start=$start size=$size
log_mark
must rmmod pma_forgets
is "$(log_since | grep -c 'module pma_forgets goes without unregistering its notifier')" 2 "forgotten notifiers are taken away"
must rmmod pma_mapper
is "$(ls $providers)" pma_forgets "a forgotten range stays"
is "$(log_since | grep -c 'module pma_forgets goes without removing the range of pma_forgets, which stays')" 1 "which is said"
# One whose device cannot stay
must rmmod pmem_altmap
must modprobe pmem_altmap
must insmod /tests/modules/pma_mapper.ko
must insmod /tests/modules/pma_forgets.ko start=$start size=$size own=1
log_mark
try "a client goes, and the device of its range with it" rmmod pma_forgets
is "$(log_since | grep -c 'module pma_forgets goes without removing the range of pma_forgets, which stays') $(log_since | grep -c 'its device is released') $(ls $providers)" \
	"1 1 pma_forgets" "the device is let go of, and the range stays"
insmod /tests/modules/pma_forgets.ko start=$start size=$size own=1 2>/dev/null
is "$? $(log_since | grep -c 'a device of that name has the range')" "1 1" "no other one of its name can be added"
must rmmod pma_mapper
log_mark
must rmmod pmem_altmap
is "$(log_since | grep -c 'pma_forgets: its module was unloaded without removing .*, which is removed now') $(log_since | grep -c 'alloc is back at 0')" "1 1" "unloading removes it"
is "$(held)" "Reserved " "nothing is left"
must modprobe pmem_altmap
must insmod /tests/modules/pma_mapper.ko
must insmod /tests/modules/pma_forgets.ko start=$start size=$size
must rmmod pma_forgets
must rmmod pma_mapper
log_mark
try "pmem_altmap goes" rmmod pmem_altmap
is "$(log_since | grep -c 'pma_forgets: its module was unloaded without removing \[mem 0x180000000-0x1ffffffff\], which is removed now') $(log_since | grep -c 'pma_forgets: detaching: modules that were unloaded have left 1 references to it, which are not waited for') $(log_since | grep -c 'alloc is back at 0')" \
	"1 1 1" "and removes it, though a reference was forgotten, too, and says so"
is "$(held)" "Reserved " "nothing is left"
must modprobe pmem_altmap
try "the range can be added again" insmod /tests/modules/pmem_altmap_client.ko start=$start size=$size
try "and the client goes" rmmod pmem_altmap_client
lost=$((free_before - $(mem_free)))
diag "$lost bytes of free DRAM lost in all"
[ $lost -lt $((4194304 + noise)) ]
ok $? "no DRAM is lost"
try "the module can be unloaded" rmmod pmem_altmap
