# Detaching never hangs in silence: quiescing is refused while pages are pinned, and
# unbinding waits for them and says so. Mappings are revoked.
# guest: mem=3G
# guest: nvdimm=1G
. ./lib.sh
plan 44

ns=namespace0.0
node=/dev/$ns
must load_stock
must modprobe pmem_altmap
must devdax_create $ns
must ndctl disable-namespace $ns
must attach $ns

# A mapping, and what quiescing makes of it
must mkfifo /tmp/go
daxpages $node 4194304 hold /tmp/go >/tmp/out 2>&1 &
try "maps" said "mapped: ok"
is "$(counter $ns mappings) $(counter $ns pinned)" "1 0" "mappings is true, nothing is pinned"
rmmod pmem_altmap 2>/tmp/rmmod
is "$? $(grep -c 'in use' /tmp/rmmod)" "1 1" "unloading is refused while the device is mapped"
try "quiesces with a mapping" write $ns $drv/quiesce
is "$(counter $ns state)" quiesced "state"
try "quiescing twice is quiescing once" write $ns $drv/quiesce
(: <$node) 2>/tmp/err
is "$(grep -c 'No such device or address' /tmp/err)" 1 "a quiesced device cannot be opened"
echo >/tmp/go
try "the mapping is revoked" said "touched again: Bus error"
wait
is "$(counter $ns mappings)" 0 "mappings falls"
try "resumes" write $ns $drv/resume
is "$(counter $ns state)" attached "state"
daxpages $node 4194304 hold /dev/null >/tmp/out
is "$(grep -c ': ok' /tmp/out)" 2 "and can be mapped again"

# A pin, and what quiescing says of it
rm /tmp/go
must mkfifo /tmp/go
daxpages $node 2097152 pin /tmp/go >/tmp/out 2>&1 &
try "pins the data and unmaps it" said '^pinned$'
diag "$(cat /tmp/out)"
is "$(counter $ns mappings) $(counter $ns pinned)" "0 512" "512 pages are pinned, though nothing is mapped"
log_mark
start=$(cut -d. -f1 /proc/uptime)
write $ns $drv/quiesce
is "$errno" "Device or resource busy" "quiescing is refused"
took=$(($(cut -d. -f1 /proc/uptime) - start))
[ $took -le 60 ]
ok $? "within a bounded time"
is "$(log_since | grep -c "$ns: not quiesced (error -16): 512 data pages are still pinned: end what holds them")" 1 "and says how many pages are pinned"
is "$(counter $ns state)" attached "state"
daxpages $node 4194304 hold /dev/null >/tmp/out2
is "$(grep -c ': ok' /tmp/out2)" 2 "the device is usable as before"

# Unbinding cannot be refused: it revokes, waits for the pin, and says so
log_mark
(write $ns $drv/unbind; echo over >/tmp/unbound) &
for _ in $(seq 120); do
	[ "$(log_since | grep -c '512 data pages are still pinned')" -lt 2 ] || break
	sleep 0.5
done
is "$(ls /tmp/unbound $node $providers 2>/dev/null)" "$providers:" "unbinding waits; node and files are gone"
log_since | grep pinned >/tmp/pinned
is "$(grep -c '512 data pages are still pinned' /tmp/pinned)" 2 "the log says so at once and after 10 s"
diag "$(cat /tmp/pinned)"
write $ns $drv/allow
is "$errno" "Device or resource busy" "meanwhile naming is refused, it does not hang"
rmmod pmem_altmap 2>/dev/null
is "$?" 1 "and so is unloading"
echo >/tmp/go
for _ in $(seq 300); do
	[ -e /tmp/unbound ] && break
	sleep 0.2
done
is "$(cat /tmp/unbound)" "over" "the wait ends as soon as the pin is dropped"
is "$(log_since | grep -c 'alloc is back at 0')" 1 "alloc was back at 0"
wait

# An open file and a mapping that outlive the namespace's time with us
must attach $ns
rm /tmp/go
must mkfifo /tmp/go
daxpages $node 4194304 hold /tmp/go >/tmp/out 2>&1 &
try "maps again" said "mapped: ok"
try "detaches with a mapping" detach $ns
rmmod pmem_altmap 2>/dev/null
is "$?" 1 "unloading is refused while the file is open"
must ndctl enable-namespace $ns
is "$(field "$(ndctl list -n $ns)" mode)" devdax "the stock driver has the namespace"
echo >/tmp/go
try "the mapping is dead" said "touched again: Bus error"
wait
must ndctl disable-namespace $ns
must attach $ns
try "attaches again after the old file was closed" test -e $node

# Quiesced, then detached: the way that is never in anyone's way
try "quiesces" write $ns $drv/quiesce
try "detaches" detach $ns
write $ns $drv/quiesce
is "$errno" "No such device or address" "what is not attached cannot be quiesced"
write $ns $drv/resume
is "$errno" "No such device or address" "nor resumed"
write namespace9.9 $drv/quiesce
is "$errno" "No such device" "nor what is not there"

# A page of a mapping that goes bad
must attach $ns
# Debian's cloud kernels have no memory_failure(): nothing can be made to fail there
end="Bus error"
[ -e /sys/devices/system/memory/hard_offline_page ] || end=exited
out=$(daxpages $node 4194304 poison 2>&1)
is "$(echo "$out" | grep '^who maps')" "who maps the page: $end" "poison: who maps the page gets SIGBUS"
is "$(echo "$out" | grep '^who does not')" "who does not: lives on" "poison: who does not lives on"
out=$(daxpages $node 4194304 poison $(($(counter $ns data_start) + 2097152)) 2>&1)
is "$(echo "$out" | grep '^who')" "who maps the page: $end
who does not: lives on" "a page that is taken offline hard: the same"
diag "$out"
try "detaches after it" detach $ns

# Who reads a counter into memory that never comes
must attach $ns
stuckread $providers/$ns/state >/tmp/out 2>&1 &
reader=$!
try "a reader of debugfs is stuck" said reading
sleep 1
rm -f /tmp/unbound
(write $ns $drv/unbind; echo "$errno" >/tmp/unbound) &
for _ in $(seq 300); do
	[ -s /tmp/unbound ] && break
	sleep 0.2
done
is "$(cat /tmp/unbound 2>&1)" 0 "detaching does not wait for it"
is "$(kill -0 $reader 2>&1; grep -c '^read' /tmp/out)" 1 "which still reads"
kill -9 $reader
wait
try "the module can be unloaded" rmmod pmem_altmap
