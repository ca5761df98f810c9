# altmapctl: what it prints is what the kernel has, attaching and detaching end where
# they should, and nothing that is in use is pulled away.
# guest: long=yes
# guest: mem=3G
# guest: extra=cli
# guest: nvdimm=8G
# guest: nvdimm=1G
# guest: nvdimm=514M,label-size=2M
. ./lib.sh
. ./cli_lib.sh
plan 88

ns=namespace0.0
node=/dev/$ns

# What is in the system now
state_of_all() {
	ndctl list -Ni
	cat /proc/iomem
	ls $providers 2>/dev/null
}

ctl list
is "$rc $out" "5 " "list: status 5 without the module"
says "modprobe pmem_altmap"
ok $? "list: says what to do"
ctl plan 8G
is "$rc $(of alloc) $(of free) $(of data_size)" "0 32768 33278 8453619712" "plan: a size without the module"
ctl doctor
is "$rc $(echo "$out" | grep -c '^warn  loaded .*attaching loads it.*modprobe pmem_altmap')" "0 1" "doctor: the module is not loaded yet"
ctl attach namespace9.9
is "$rc" 3 "attach: status 3 for what is not there"
ctl attach
is "$rc" 129 "attach: status 129 without a name"

must load_stock
o=$(region_of 1073741824)
other=namespace$o.0
l=$(region_of 536870912)
must devdax_create $ns
must devdax_create "$other"
uuid=$(field "$(ndctl list -n $ns)" uuid)
data_size=$(cat /sys/bus/dax/devices/dax0.0/size)
data_start=$(($(cat /sys/bus/dax/devices/dax0.0/resource)))

# Plans touch nothing, whoever has the namespace
before=$(state_of_all)
ctl plan $ns
is "$rc $(of info_block) $(of mode)" "0 device-dax devdax" "plan: a namespace of device-dax"
is "$(of data_start) $(of data_size) $(of alloc) $(of align)" "$data_start $data_size 32768 2097152" "plan: its numbers"
is "$(state_of_all)" "$before" "plan: changes nothing"
must ndctl disable-namespace $ns
before=$(state_of_all)
ctl plan $ns
is "$rc $(of info_block) $(of mode)" "0 memory disabled" "plan: a disabled namespace"
is "$(of data_start) $(of data_size) $(of alloc)" "$data_start $data_size 32768" "plan: its numbers are the same"
is "$(state_of_all)" "$before" "plan: changes nothing"
must ndctl enable-namespace $ns
ctl plan $ns -u
is "$(of size)" "8.00 GiB (8.59 GB)" "plan: -u has units"

# Somebody uses the stock driver's device
exec 4</dev/dax0.0
ctl attach $ns
is "$rc" 2 "attach: status 2 while the device is open"
says "not attached (EBUSY): /dev/dax0.0 is in use by .*pid $$"
ok $? "attach: names the process"
is "$(field "$(ndctl list -n $ns)" chardev)" dax0.0 "attach: and the stock driver still has it"
exec 4<&-

# The whole dance
ctl attach $ns
is "$rc" 0 "attach: status 0, with the module loaded on the way"
is "$(of namespace) $(of state) $(of alloc) $(of data_start) $(of data_size) $(of chardev)" \
	"$ns attached 32768 $data_start $data_size $node" "attach: prints what it attached"
is "$(of attach_ns) $(of free) $(of reserve)" "$(counter $ns attach_ns) $(counter $ns free) $(counter $ns reserve)" "attach: as the kernel has it"
says "attached 1 namespace"
ok $? "attach: says so"
test -c $node
ok $? "attach: the node is there"
ctl attach $ns
is "$rc $(of namespace)" "0 $ns" "attach: again is no error"
altmapctl monitor --present -n 7 >/tmp/monitor 2>&1 &
monitor=$!
ctl plan $ns
is "$rc $(of info_block) $(of data_start) $(of data_size) $(of alloc)" "0 pmem_altmap $data_start $data_size 32768" "plan: an attached namespace"

ctl list
is "$rc $(of namespace) $(of region) $(of bus)" "0 $ns region0 ACPI.NFIT" "list: what is attached"
ctl list -v -u
is "$(of pinned) $(of memmap_device)" "0 128.00 MiB (134.22 MB)" "list: -v -u"
ndbus=$(readlink -f $bus/devices/region0 | sed 's|.*/\(ndbus[0-9]*\)/.*|\1|')
for filter in "-b ACPI.NFIT" "-b $ndbus" "-b ${ndbus#ndbus}" "-r 0" "-r region0 -n 0.0" "-n $ns"; do
	# shellcheck disable=SC2086 # words
	ctl list $filter
	is "$rc $(of namespace)" "0 $ns" "list: $filter"
done
for filter in "-b nfit_test.0" "-b ndbus77" "-r $o" "-n $other"; do
	# shellcheck disable=SC2086 # words
	ctl list $filter
	is "$rc $(of namespace)" "0 " "list: $filter finds nothing"
done
# Kernels before 5.18 cannot be asked for them
summary=/sys/kernel/debug/pmem_altmap/summary
if [ -e $summary ]; then
	ctl list -A
	is "$rc $(echo "$out" | grep -c '"alloc"') $(echo "$out" | grep '"owner"' | tr -d ' \n')" "0 2 \"owner\":\"$ns\",\"owner\":\"$other\"," "list: -A has the stock driver's altmap, too"
	totals=$(awk '$1 ~ /^memmap/ { printf "%s\"%s\":%.0f", n++ ? "," : "", $1, $2 }' $summary &&
		awk '$1 == "nr_memmap_pages" { printf ",\"vmstat_memmap\":%.0f", $2 * 4096 }' /proc/vmstat)
	is "$(echo "$out" | tr -d ' \n' | sed 's/.*"totals":{//; s/}.*//')" "$totals" "list: -A adds up, as the module does, and says what the kernel claims"
	diag "$totals"
	ctl list -A -n "$other"
	is "$rc $(of owner) $(echo "$out" | grep -c '"owner"')" "0 $other 1" "list: -A filtered"
else
	ctl list -A
	is "$rc" 5 "list: -A is not possible here"
	is "$out" "" "list: and prints nothing"
	is "$(dmesg | grep -c 'there are no altmaps, altmaps_json and summary')" 1 "and the module said so"
fi

for verb in list "list -A" metrics; do
	# shellcheck disable=SC2086 # words
	attempt user run altmapctl $verb >/tmp/ctl.out 2>/tmp/ctl.err
	ctl_ended $? ""
	is "$rc $out $(echo "$err" | grep -c 'Permission denied: run this as root')" "1  1" "$verb: status 1 for who may not"
done

ctl metrics
is "$rc $(echo "$out" | grep -c '^pmem_altmap_alloc_bytes{namespace="namespace0.0"} 134217728$')" "0 1" "metrics: alloc"
is "$(echo "$out" | grep -c '^pmem_altmap_system_altmaps 2$')" "$([ -e $summary ] && echo 1 || echo 0)" "metrics: altmaps of the system"
sed 's/^/#metrics /' /tmp/ctl.out
ctl metrics -v -o /tmp/textfile.prom
is "$rc $out $(grep -c pinned_bytes /tmp/textfile.prom) $(stat -c %a /tmp/textfile.prom) $(ls /tmp/textfile.prom*)" "0  3 644 /tmp/textfile.prom" "metrics: into a file"
ctl doctor
is "$rc $(echo "$out" | grep -c '^ok    loaded ')" "0 1" "doctor: content"
diag "$out"
ctl doctor -j
is "$rc" 0 "doctor: as JSON"

# Mapped: refused until it is forced
must mkfifo /tmp/go
daxpages $node 4194304 hold /tmp/go >/tmp/out 2>&1 &
pid=$!
said "mapped: ok"
ctl detach $ns
is "$rc $out" "2 " "detach: status 2 while it is mapped"
says "not detached (EBUSY): 0 pages pinned, 1 mappings; in use by daxpages (pid $pid, 1 open, 1 mapped)"
ok $? "detach: names the process"
is "$(counter $ns state)" attached "detach: and nothing was revoked"
ctl detach $ns --force
is "$rc $(of namespace) $(of mode) $(of chardev)" "0 $ns devdax dax0.0" "detach: --force gives it to the stock driver"
says "detached 1 namespace"
ok $? "detach: says so"
echo >/tmp/go
said "touched again: Bus error"
ok $? "detach: the mapping was revoked"
wait $pid
is "$(field "$(ndctl list -n $ns)" uuid)" "$uuid" "detach: the same uuid"

# Pinned: refused until it is over, or until the time is
ctl attach $ns
rm /tmp/go
must mkfifo /tmp/go
daxpages $node 2097152 pin /tmp/go >/tmp/out 2>&1 &
pid=$!
said '^pinned$'
diag "$(cat /tmp/out)"
ctl detach $ns --timeout 2
is "$rc" 2 "detach: status 2 while it is pinned"
says "512 pages pinned, 0 mappings; no process has it open: end"
ok $? "detach: how many"
(
	sleep 2
	echo >/tmp/go
) &
ctl detach $ns --timeout=60
is "$rc $(of chardev)" "0 dax0.0" "detach: --timeout waits for the pin to go"
wait $pid
ctl detach $ns
is "$rc" 2 "detach: status 2 if it is not attached"

# monitor saw both namespaces' ways there and back
for _ in $(seq 100); do
	kill -0 $monitor 2>/dev/null || break
	sleep 1
done
kill $monitor 2>/dev/null
sed -E 's/.*"event":"(.)[a-z]*","([a-z]*)".*"(namespace|owner)":"namespace([0-9]).*/\1 \2 \4/' /tmp/monitor >/tmp/events
want="p provider 0,p pagemap $o,r provider 0,a pagemap 0,r pagemap 0,a provider 0,r provider 0,"
# Without a census it sees providers only
[ -e $summary ] || want=$(echo "$want" | sed 's/[par] pagemap [0-9]*,//g')
is "$(tr '\n' ',' </tmp/events)" "$want" \
	"monitor: what was there, then every way there and back"
sed 's/^/#json monitor /' /tmp/monitor

# The driver says no in the middle: its word is repeated, and the stock driver is back
must mount -o bind /dev/null $drv/allow
ctl attach $ns
is "$rc $out" "1 " "attach: status 1 where the kernel refuses"
says "kernel: .*$ns: left alone, it was not named"
ok $? "attach: repeats what the kernel says"
says "$ns is back with the stock driver"
ok $? "attach: says where the namespace is"
is "$(field "$(ndctl list -n $ns)" chardev)" dax0.0 "attach: where it is"
must ndctl disable-namespace $ns
ctl attach $ns
says "$ns is disabled, as it was before"
ok $? "attach: one that was disabled stays so"
must umount $drv/allow
ctl attach $ns
is "$rc $(of namespace)" "0 $ns" "attach: a disabled one"
ctl detach $ns
is "$rc" 0 "detach: it"

# What cannot be attached is not even taken from the stock driver
must ndctl create-namespace -f -e "$other" --mode=fsdax
ctl plan "$other"
is "$rc $(of error)" "2 EOPNOTSUPP" "plan: fsdax is refused"
log_mark
ctl attach "$other"
is "$rc $(log_since | grep -c pmem_altmap)" "2 0" "attach: fsdax is refused, and the module not bothered"
says "holds an fsdax info block"
ok $? "attach: why"
is "$(field "$(ndctl list -n "$other")" mode)" fsdax "attach: and it is as it was"

# Nor what is in use as a disk, for which there is more than one reason then
disk=/dev/$(field "$(ndctl list -n "$other")" blockdev)
must mke2fs -F "$disk"
mnt="/tmp/mnt ü"
must mkdir "$mnt"
must modprobe ext4
must mount "$disk" "$mnt"
ctl attach "$other"
is "$rc" 2 "attach: status 2 where it is mounted"
# No letters but ASCII's here
says "not attached (EBUSY): is mounted: $disk at /tmp/mnt .xc3.xbc: unmount it first"
ok $? "attach: says where"
ctl plan "$other"
is "$rc $(echo "$out" | grep -c "is mounted: $disk at $mnt: unmount it first")" "2 1" "plan: says where, too"
must umount "$mnt"
must mkswap "$disk"
must swapon "$disk"
ctl attach "$other"
is "$rc" 2 "attach: status 2 where it is swap"
says "not attached (EBUSY): is swap: run 'swapoff $disk' first"
ok $? "attach: says so"
must swapoff "$disk"

# With labels: what is not set up, and what the label's uuid finds, even if it is ours
nmem=$(cut -d, -f1 "$bus/devices/region$l/mapping0")
real_labels "region$l" "$nmem"
idle=$(basename "$(ls -d $bus/devices/namespace"$l".* | head -n 1)")
ctl plan "$idle"
is "$rc $(of error)" "2 ENXIO" "plan: a namespace that is not set up"
made=$(ndctl create-namespace -r "region$l" -s 256M --mode=devdax --map=dev)
labelled=$(field "$made" dev)
shown=$(field "$made" uuid)
label=$(cat "$bus/devices/$labelled/uuid")
must ndctl disable-namespace "$labelled"
ctl plan "$labelled"
is "$rc $(of info_block) $(of data_size)" "0 memory $(of data)" "plan: with labels, disabled"
mkdir /tmp/labels
printf '[attach labelled]\nuuid = %s\n' "$label" >/tmp/labels/a.conf
ctl attach -c /tmp/labels --all
is "$rc $(of namespace)" "0 $labelled" "attach: --all by a label's uuid"
ctl attach -c /tmp/labels --all
is "$rc $(of namespace)" "0 $labelled" "attach: again, by a label's uuid"
printf '[attach labelled]\nuuid = %s\n' "$shown" >/tmp/labels/a.conf
ctl attach -c /tmp/labels --all
is "$rc $(of namespace)" "0 $labelled" "attach: again, by the uuid that ndctl shows"
ctl list -r "$l"
is "$rc $(of namespace)" "0 $labelled" "list: -r with labels"
ctl detach "${labelled#namespace}"
is "$rc $(of namespace) $(of mode)" "0 $labelled devdax" "detach: by the short name"
must ndctl disable-namespace "$labelled"
write 00000000-1111-2222-3333-444444444444 "$bus/devices/$labelled/uuid"
ctl plan "$labelled"
is "$rc $(of error)" "2 ENXIO" "plan: the info block of another namespace"

# From a configuration, by uuid and by name
must devdax_create "$other"
mkdir /tmp/conf
printf '# by its uuid\n[attach first]\nuuid = %s\n[attach second]\nnamespace = %s\n' "$uuid" "$other" >/tmp/conf/a.conf
ctl attach -c /tmp/conf --check-config namespace9.0
is "$rc $out$err" "0 " "attach: --check-config leaves alone what is not named"
ctl attach -c /tmp/conf --check-config $ns
is "$rc $(of namespace)" "0 $ns" "attach: --check-config attaches what is"
ctl detach $ns
ctl attach -c /tmp/conf --all
is "$rc $(ls $providers | tr '\n' ' ')" "0 $ns $other " "attach: --all"
ctl detach $ns
must altmapctl detach "$other"
printf '[attach third]\nnamespace = namespace7.0\n' >/tmp/conf/b.conf
ctl attach -c /tmp/conf --all
is "$rc $(ls $providers | tr '\n' ' ')" "3 $ns $other " "attach: --all goes on after an error"
says "\[attach third\]: no namespace here is namespace7.0"
ok $? "attach: and says which"
is "$(find /etc /run -name '*altmap*')" "/run/altmapctl" "nothing was left anywhere but in /run"
