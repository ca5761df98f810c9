# altmapctl where things are not as they should be: no module, no debugfs, lockdown, a stock
# driver that takes nothing back, two processes at once, two namespaces of one uuid; and
# attached below an idle dax device, as libpmem2 wants it.
# guest: long=yes
# guest: mem=3G
# guest: extra=cli
# guest: nvdimm=1G
# guest: nvdimm=512M
# guest: append=memmap=255M!4097M
. ./lib.sh
. ./cli_lib.sh
plan 97

must load_stock
must mount -t securityfs securityfs /sys/kernel/security
ns=namespace$(region_of 1073741824).0
other=namespace$(region_of 536870912).0
dax_pmem=$bus/drivers/dax_pmem
must devdax_create "$ns"
must devdax_create "$other"
uuid=$(field "$(ndctl list -n "$ns")" uuid)
dax=$(stock_has "$ns")

# The module cannot be loaded
mkdir -p /etc/modprobe.d
echo 'install pmem_altmap /bin/false' >/etc/modprobe.d/no.conf
ctl attach "$ns"
is "$rc $out $(stock_has "$ns")" "5  $dax" "attach: status 5 where modprobe fails, and nothing is touched"
said_so "attach: says so" "the module cannot be loaded: .altmapctl doctor"
rm /etc/modprobe.d/no.conf
must modprobe pmem_altmap

# Without debugfs nobody could see what became of it. In a debug kernel init has a file of it open.
lazily=
[ ! -e /sys/kernel/debug/kmemleak ] || lazily=-l
must umount $lazily /sys/kernel/debug
ctl attach "$ns"
is "$rc $out $(stock_has "$ns")" "5  $dax" "attach: status 5 without debugfs, and nothing is touched"
said_so "attach: says what to do" "no files in debugfs: run 'mount -t debugfs"
ctl doctor
is "$rc $(echo "$out" | grep -c '^fail  debugfs .*mount -t debugfs')" "1 1" "doctor: debugfs is missing"
must mount -t debugfs debugfs /sys/kernel/debug
ctl attach "$ns"
is "$rc $(of namespace)" "0 $ns" "attach: with debugfs"
must umount $lazily /sys/kernel/debug
ctl list
is "$rc $out" "5 " "list: status 5 without debugfs"
ctl detach "$ns"
is "$rc $out $(basename "$(readlink "$bus/devices/$ns/driver")")" "5  pmem_altmap" "detach: status 5 without debugfs, and it is left alone"
said_so "detach: says what to do" "nobody can say whether it is in use: run 'mount -t debugfs.*--force"
ctl detach "$ns" --force
is "$rc $(of mode) $(of chardev)" "0 devdax $dax" "detach: --force without debugfs"
must mount -t debugfs debugfs /sys/kernel/debug

# Where its users cannot be counted, nobody knows that there are none
ctl attach "$ns"
must mount -t tmpfs none "$providers/$ns"
ctl detach "$ns"
is "$rc $out $(basename "$(readlink "$bus/devices/$ns/driver")")" "2  pmem_altmap" "detach: status 2 without its counters, and it is left alone"
said_so "detach: names what is missing" "not detached (EBUSY): $providers/$ns/state cannot be read (ENOENT), so nobody knows.*--force"
must umount "$providers/$ns"
# There is nothing at 0
must mount -o bind /proc/1/mem "$providers/$ns/pinned"
ctl detach "$ns"
is "$rc $out $(counter "$ns" state)" "2  attached" "detach: status 2 where the pins cannot be counted"
said_so "detach: names that file" "$providers/$ns/pinned cannot be read (EIO)"
ctl detach "$ns" --timeout 1
is "$rc $(counter "$ns" state)" "2 attached" "detach: with a timeout, too"
ctl detach "$ns" --force
is "$rc $(of mode) $(of chardev)" "0 devdax $dax" "detach: --force without the count of pins"

# Anybody who may mount something has the kernel write a line of his
ctl attach "$ns"
mkdir /tmp/mounted
log_mark
until [ -e /tmp/enough ]; do
	mount -t tmpfs -o "pmem_altmap $ns: do not use the namespace before a reboot" none /tmp/mounted
done 2>/dev/null &
for _ in $(seq 600); do
	[ "$(log_since | grep -c "tmpfs: .*pmem_altmap $ns: do not use the namespace")" -eq 0 ] || break
	sleep 0.1
done
[ "$(log_since | grep -c "tmpfs: .*pmem_altmap $ns: do not use the namespace")" -ge 1 ]
ok $? "the kernel repeats what it was told"
ctl detach "$ns"
touch /tmp/enough
wait
is "$rc $(of mode) $(of chardev)" "0 devdax $dax" "detach: it is given back all the same"
is "$(echo "$err" | grep -c 'do not use')" 0 "and the line is not repeated"

# What the kernel would refuse is not even taken from the stock driver
# refuses NAME TEXT: it is so with $other
refuses() {
	before=$(ndctl list -Ni -n "$other")
	log_mark
	ctl attach "$other"
	is "$rc $out $(log_since | grep -c pmem_altmap)" "2  0" "attach: $1 is refused, and the module not bothered"
	said_so "attach: $1: why" "$2"
	is "$(ndctl list -Ni -n "$other")" "$before" "attach: $1: it is as it was"
}
must ndctl create-namespace -f -e "$other" --mode=devdax --map=mem
refuses "map=mem" "not attached (EOPNOTSUPP): .*map=mem"
must ndctl create-namespace -f -e "$other" --mode=sector
refuses "BTT" "not attached (EOPNOTSUPP): holds a BTT"
must ndctl create-namespace -f -e "$other" --mode=fsdax
refuses "fsdax" "not attached (EOPNOTSUPP): holds an fsdax info block"
must devdax_create "$other"
must ndctl disable-namespace "$other"
must write 1 "$bus/devices/$other/force_raw"
refuses "force_raw" "not attached (EBUSY): forced to raw mode: write 0"
must write 0 "$bus/devices/$other/force_raw"
region=$(basename "$(dirname "$(readlink -f "$bus/devices/$other")")")
must write 1 "$bus/devices/$region/read_only"
refuses "a read-only region" "not attached (EROFS): $region is read-only"
must write 0 "$bus/devices/$region/read_only"
must ndctl enable-namespace "$other"

# The kernel refuses, and the stock driver does not take it back
must mount -o bind /dev/null $drv/allow
must mount -o bind /dev/null $bus/drivers/nd_pmem/bind
ctl attach "$ns"
is "$rc $out" "4 " "attach: status 4 where nobody has it afterwards"
said_so "attach: says what the kernel says" "kernel: .*$ns: left alone, it was not named"
said_so "attach: says what to do" "$ns has no driver now: .*run 'ndctl enable-namespace $ns'; its data is as it was"
must umount $bus/drivers/nd_pmem/bind
must umount $drv/allow
must ndctl enable-namespace "$ns"
is "$(stock_has "$ns")" "$dax" "attach: that helps"

# A user may be among the processes that cannot be seen
attempt nocap run altmapctl plan "$ns" >/tmp/ctl.out 2>/tmp/ctl.err
ctl_ended $? plan
is "$rc $(of error)" "2 EACCES" "plan: refused to uid 0 without capabilities, who does not see whose files are open"
is "$(of reason | grep -c "the users of /dev/$dax cannot be seen")" 1 "plan: says so"
ctl plan "$ns"
is "$rc $(of error)" "0 " "plan: and not to who sees it"

# Two at once
altmapctl attach "$ns" >/tmp/first 2>&1 &
first=$!
ctl attach "$ns"
wait $first
is "$? $rc $(cat /tmp/first /tmp/ctl.err | grep -c "$ns is attached already")" "0 0 1" "attach: two at once, one of them finds it attached"

# Pinned: it can be given up until the kernel waits, and after that no more
must mkfifo /tmp/go
daxpages "/dev/$ns" 2097152 pin /tmp/go >/tmp/out 2>&1 &
pid=$!
said '^pinned$'
log_mark
altmapctl detach "$ns" --force --timeout=3600 >/tmp/ctl.out 2>/tmp/ctl.err &
detacher=$!
for _ in $(seq 120); do
	[ "$(log_since | grep -c "$ns: not quiesced")" -le 1 ] || break
	sleep 0.5
done
kill -TERM $detacher
wait $detacher
ctl_ended $? detach
is "$rc $out $(counter "$ns" state)" "143  attached" "detach: --force with a timeout can be interrupted meanwhile"
[ "$(log_since | grep -c "$ns: not quiesced")" -gt 1 ]
ok $? "detach: it had asked more than once"
altmapctl detach "$ns" --force >/tmp/ctl.out 2>/tmp/ctl.err &
detacher=$!
for _ in $(seq 200); do
	says "still pinned" >/dev/null && break
	sleep 0.5
done
said_so "detach: --force says that the kernel waits" "$ns: it is not free: the kernel waits for that now"
said_so "detach: --force says what for" "kernel: .*$ns: not quiesced .*512 data pages are still pinned"
waited=0
altmapctl attach "$ns" >/tmp/ctl.out 2>/tmp/ctl.err &
attacher=$!
for _ in $(seq 300); do
	says "is working on it: waiting" >/dev/null && break
	sleep 0.2
done
kill -TERM $attacher
wait $attacher || waited=$?
[ $waited -ne 0 ]
ok $? "attach: waits for a process that is at it, and can be interrupted"
said_so "attach: says which" "$ns: another altmapctl (pid $detacher) is working on it: waiting"
kill -TERM $detacher
sleep 1
kill -0 $detacher
ok $? "detach: nothing interrupts it then"
# More than the kernel keeps, and nothing of it on the console
words=$(printf '%0900d' 0)
for _ in $(seq 2000); do
	echo "<7>$words"
done >/dev/kmsg
echo >/tmp/go
wait $pid
wait $detacher
is "$? $(stock_has "$ns")" "0 $dax" "detach: but it comes to its end, and the stock driver has it"
said_so "detach: says that it has not heard all of it" "$ns: some of what the kernel said meanwhile was lost"
is "$(counter "$ns" state 2>&1 | grep -c 'No such file')" 1 "detach: nothing is attached"

# Below the idle dax device, where libpmem2 looks for the node
holder=$(cat "$bus/devices/$ns/holder")
must write "$holder" "$dax_pmem/unbind"
ctl plan "$ns"
is "$rc $(of info_block) $(of mode)" "0 memory disabled" "plan: claimed by an idle dax device"
ctl attach "$ns"
is "$rc $(of chardev) $(ls "/dev/$ns" 2>/dev/null)" "0 /dev/$dax " "attach: the node is below the dax device"
ctl list
is "$rc $(of chardev)" "0 /dev/$dax" "list: where it is"
ctl plan "$ns"
is "$rc $(of info_block) $(of align)" "0 pmem_altmap 2097152" "plan: its align"
exec 4<"/dev/$dax"
ctl detach "$ns"
is "$rc" 2 "detach: status 2 while it is open"
said_so "detach: names the process" "in use by .*pid $$, 1 open"
exec 4<&-
ctl detach "$ns"
is "$rc $(of mode) $(of chardev)" "0 devdax $dax" "detach: gives it back"
is "$(cat "$bus/devices/$ns/holder") $(field "$(ndctl list -n "$ns")" uuid)" "$holder $uuid" "detach: to the same dax device"
# The claim goes while it is attached, and the node with it
must write "$holder" "$dax_pmem/unbind"
must altmapctl attach "$ns"
must write "" "$bus/devices/$holder/namespace"
sleep 1
ctl list
is "$rc $(of namespace) $(of chardev)" "0 $ns " "list: no node where the dax device has gone"
ctl detach "$ns"
is "$rc $(of mode) $(of chardev)" "0 devdax $dax" "detach: gives it back, too"

# As at boot, where udev has not loaded the driver of the dax device yet. 5.10's alias is
# that of another module, dax_pmem_compat, which is not here.
grep -q '^alias nd:t7.* dax_pmem$' "/lib/modules/$(uname -r)/modules.alias" ||
	echo 'alias nd:t7* dax_pmem' >/etc/modprobe.d/alias.conf
must modprobe -r dax_pmem
ndctl disable-namespace "$ns" >/dev/null 2>&1
# Says that it fails: it is the dax device that it makes that is to be bound
write "$ns" $bus/drivers/nd_pmem/bind
holder=$(cat "$bus/devices/$ns/holder")
is "$(ls -d "$bus/devices/$holder" "$dax_pmem" 2>/dev/null)" "$bus/devices/$holder" "a dax device whose driver is not loaded yet"
ctl attach "$ns"
is "$rc $(of chardev) $(ls -d $dax_pmem)" "0 /dev/$ns $dax_pmem" "attach: waits for that driver, and takes it from it"
ctl detach "$ns"
is "$rc $(of mode) $(of chardev)" "0 devdax $dax" "detach: gives it back"
# One that is kept from being loaded
must modprobe -r dax_pmem
echo 'blacklist dax_pmem' >/etc/modprobe.d/no.conf
ndctl disable-namespace "$ns" >/dev/null 2>&1
write "$ns" $bus/drivers/nd_pmem/bind
ctl attach "$ns"
is "$rc $(of chardev) $(ls -d $dax_pmem 2>/dev/null)" "0 /dev/$dax " "attach: where it is blacklisted, goes without"
rm /etc/modprobe.d/no.conf
ctl detach "$ns"
is "$rc $(of mode) $(of chardev)" "0 devdax $dax" "detach: gives it back"

# By uuid, in a configuration: what is attached is found again
mkdir /tmp/conf
printf '[attach data]\nuuid = %s\n' "$uuid" >/tmp/conf/a.conf
ctl attach -c /tmp/conf --all
is "$rc $(of namespace)" "0 $ns" "attach: --all"
ctl attach -c /tmp/conf --all
is "$rc $(of namespace)" "0 $ns" "attach: --all again is no error"
said_so "attach: says so" "$ns is attached already"
is "$(stat -c '%a %u' /run/altmapctl "/run/altmapctl/$ns" | tr '\n' ' ')" "700 0 600 0 " "attach: what is noted is root's alone"
# Messages without a standard error do not get into the file that is open
exec 4<"/dev/$ns"
altmapctl detach "$ns" <&- >&- 2>&-
is "$? $(sed -n 2p "/run/altmapctl/$ns" | cut -d' ' -f1) $(wc -l <"/run/altmapctl/$ns")" "2 $uuid 2" "detach: with nothing but closed files, the uuid stays noted"
exec 4<&-
altmapctl detach "$ns" >/dev/full 2>/tmp/ctl.err
is "$? $(stock_has "$ns")" "1 $dax" "detach: status 1 where its report is lost"
said_so "detach: says so" "cannot write to standard output: No space left"
altmapctl attach "$ns" >&- 2>&-
is "$? $(counter "$ns" state)" "1 attached" "attach: status 1 where its report is lost"
printf '[attach nobody]\nuuid = 00000000-1111-2222-3333-444444444444\n' >/tmp/conf/b.conf
ctl attach -c /tmp/conf --all
is "$rc $(of namespace)" "3 $ns" "attach: a uuid that nobody has"
ctl detach "$ns"
must ndctl disable-namespace "$ns"
must attach "$ns"
ctl attach -c /tmp/conf --all
is "$rc" 3 "attach: nor is it taken for one that was attached by hand, if there are too few"
rm /tmp/conf/b.conf
ctl attach -c /tmp/conf --all
is "$rc $out" "0 " "attach: one that was attached by hand is no error"
said_so "attach: says what is guessed" "\[attach data\]: no namespace shows the uuid $uuid: .* attached by hand"
must detach "$ns"
must ndctl enable-namespace "$ns"

# Created anew while another process waits for the lock
must mkfifo /tmp/lock
holdlock "/run/altmapctl/$ns" </tmp/lock >/tmp/out &
exec 5>/tmp/lock
must said locked
altmapctl attach -c /tmp/conf --all >/tmp/ctl.out 2>/tmp/ctl.err 5>&- &
attacher=$!
for _ in $(seq 300); do
	says "is working on it: waiting" >/dev/null && break
	sleep 0.2
done
must devdax_create "$ns"
exec 5>&-
wait $attacher
ctl_ended $? attach
is "$rc $out$(ls $providers)" "2 " "attach: --all, what was created anew meanwhile is left alone"
said_so "attach: says so" "$ns: not attached: it was created anew meanwhile"
uuid=$(field "$(ndctl list -n "$ns")" uuid)
printf '[attach data]\nuuid = %s\n' "$uuid" >/tmp/conf/a.conf

# Two namespaces of one uuid: whose fault it is nobody knows
must ndctl disable-namespace "$other"
must ndctl write-infoblock -m devdax -M dev -u "$uuid" "$other"
must ndctl enable-namespace "$other"
is "$(field "$(ndctl list -n "$other")" uuid)" "$uuid" "two namespaces of one uuid"
ctl attach -c /tmp/conf --all
is "$rc $out$(ls $providers)" "2 " "attach: --all, a uuid that two namespaces have"
says "\[attach data\]: .*2 namespaces have the uuid $uuid (.*$ns.*)" && says "$other"
ok $? "attach: names both"
ctl attach -c /tmp/conf --check-config "$other"
is "$rc $out$(ls $providers)" "2 " "attach: --check-config, the same"
must devdax_create "$other"
ctl attach -c /tmp/conf --check-config "$ns"
is "$rc $(of namespace)" "0 $ns" "attach: --check-config once it is one"
must altmapctl detach "$ns"

# Padding before the range: memmap=nn!ss begins in the middle of 2 MiB. The stock driver can
# have it in raw mode only.
padded=namespace$(region_of 267386880).0
must write 1 "$bus/devices/$padded/force_raw"
must write "$padded" $bus/drivers/nd_pmem/bind
raw=/dev/$(field "$(ndctl list -n "$padded")" blockdev)
must truncate -s 254M /tmp/block
must mkinfoblock /tmp/block start_pad=0x100000
must dd if=/tmp/block of="$raw" bs=4096 skip=1 seek=1 count=1 conv=fsync
must ndctl disable-namespace "$padded"
must write 0 "$bus/devices/$padded/force_raw"
ctl plan "$padded"
is "$rc $(of info_block) $(of base_pfn) $(of data_start)" "0 memory $((4098 << 8)) $((4102 << 20))" "plan: a disabled namespace with a start_pad"
planned="$(of data_start) $(of data_size) $(of base_pfn) $(of free) $(of alloc) $(of align) $(of why)"
ctl attach "$padded"
is "$rc $(of base_pfn) $(of data_start)" "0 $((4098 << 8)) $((4102 << 20))" "attach: with a start_pad"
ctl plan "$padded"
is "$rc $(of info_block) $(of data_start) $(of data_size) $(of base_pfn) $(of free) $(of alloc) $(of align) $(of why)" \
	"0 pmem_altmap $planned" "plan: the same of what is attached"
must detach "$padded"

# As RAM: it is none that a memmap can come from
ram() { grep MemTotal /proc/meminfo; }
ctl plan 1G
without="$(echo "$out" | grep '"why"')"
before=$(ram)
must modprobe kmem
# daxctl refuses where the kernel would do the same by itself
must write offline /sys/devices/system/memory/auto_online_blocks
must daxctl reconfigure-device --mode=system-ram "$(stock_has "$other")"
[ "$before" != "$(ram)" ]
ok $? "the stock driver's device is System RAM"
diag "$before, then $(ram)"
ctl plan 1G
is "$(echo "$out" | grep '"why".* % of ')" "$without" "plan: and the same DRAM as before"
diag "$without"
ctl attach "$other"
is "$rc" 2 "attach: status 2 where it is System RAM"
said_so "attach: says so" "is System RAM now ([a-z0-9.]*): run 'daxctl reconfigure-device"

# Under lockdown, which cannot be taken back, nobody can read an info block but the kernel
must ndctl disable-namespace "$ns"
must write integrity /sys/kernel/security/lockdown
ctl doctor
is "$rc $(echo "$out" | grep -c '^warn  lockdown  *integrity: ')" "0 1" "doctor: lockdown"
ctl plan "$ns"
is "$rc $(of error) $(of info_block)" "2 EPERM format" "plan: a disabled namespace, locked down"
ctl attach "$ns"
is "$rc $(of namespace) $err" "0 $ns altmapctl: attached 1 namespace" "attach: goes on, the kernel can read it"
ctl detach "$ns"
is "$rc $(of mode)" "0 devdax" "detach: under lockdown"
