# A writer is held up in the middle of a fault, after its mapping was found alive, and in
# the middle of a flush, while the data is quiesced, detached or the region goes away:
# these wait for it, and what was stored is there.
# guest: long=yes
# guest: nvdimm=64M
# guest: nvdimm=64M
# guest: smp=4
# guest: append=ibt=off
. ./lib.sh
plan 92

hold=/sys/module/pma_hold/parameters
symbols=$(inserts),arch_wb_cache_pmem,nvdimm_flush
diag "held in: $symbols"
must load_nfit
must insmod /tests/modules/pma_hold.ko symbols="$symbols"
must modprobe pmem_altmap

# within SECONDS COMMAND...: it comes true; on a slow machine in five times as many
within() {
	w_left=$(($1 * 25))
	shift
	while ! "$@"; do
		w_left=$((w_left - 1))
		[ $w_left -gt 0 ] || return 1
		sleep 0.2
	done
}

is_held() {
	[ "$(cat $hold/held)" = Y ]
}

ended() {
	[ ! -e "/proc/$1" ] || [ "$(sed 's/.*) //' "/proc/$1/stat" | cut -c1)" = Z ]
}

# held NAME COMMAND...: a writer is in the middle of a fault when the command is begun, in
# the background, as $doing; it does not end before the writer goes on
held() {
	h_name=$1
	shift
	echo vmf >$hold/arm
	daxstore $node "$align" "$byte" >/tmp/writer 2>&1 &
	writer=$!
	within 20 is_held
	ok $? "$h_name: a writer is in the middle of a fault"
	"$@" >/tmp/doing 2>&1 &
	doing=$!
	# It has begun when nobody can open the node any more
	within 30 shut && sleep 1 && ! ended $doing
	ok $? "$h_name: is waited for"
	timeout 100 cat $providers/$ns/* >/dev/null 2>/tmp/err
	is "$? $(cat /tmp/err)" "0 " "$h_name: debugfs can be read meanwhile"
}

shut() {
	! (: <$node) 2>/dev/null
}

goes_on() {
	echo Y >$hold/go
	within 60 ended $doing
	ok $? "$1: goes on when the writer does"
	wait $doing
	is "$?" 0 "$1: and works"
	[ ! -s /tmp/doing ] || diag "$(cat /tmp/doing)"
}

there() {
	daxstore $node "$align"
}

for ns in namespace0.0 namespace1.0; do
	node=/dev/$ns
	byte=1
	must attach $ns
	align=$(cat $bus/devices/$ns/dax/$ns/align)
	is "$(daxstore $node "$align" $byte | paste -sd ' ')" "store: ok flush: ok" "$ns, align $align: can be written"
	before=1

	# It is stopped where it leaves the kernel, so that it stores after all is over
	byte=2
	held "$ns, quiesced" write $ns $drv/quiesce
	(: <$node) 2>/tmp/err
	is "$(grep -c 'No such device or address' /tmp/err)" 1 "$ns, quiesced: nobody else can open it meanwhile"
	rmmod pmem_altmap 2>/tmp/rmmod
	is "$? $(grep -c 'in use' /tmp/rmmod)" "1 1" "$ns, quiesced: nor unload the module"
	kill -STOP $writer
	goes_on "$ns, quiesced"
	is "$(counter $ns mappings)" 1 "$ns, quiesced: the writer still has its mapping"
	is "$(awk -v node=$node '$6 == node { it = 1 } it && /^KernelPageSize:/ { print $2; exit }' /proc/$writer/smaps)" \
		$((align / 1024)) "$ns, quiesced: of pages of its align"
	must write $ns $drv/resume
	kill -CONT $writer
	wait $writer
	is "$(paste -sd ' ' /tmp/writer)" "store: ok flush: ok" "$ns, resumed: the writer stores"
	is "$(there)" 2 "$ns, resumed: what it stored is there"

	byte=3
	held "$ns, detached" detach $ns
	kill -STOP $writer
	goes_on "$ns, detached"
	kill -CONT $writer
	wait $writer
	is "$(cat /tmp/writer)" "store: Bus error" "$ns, detached: the writer gets a bus error"
	must attach $ns
	is "$(there)" 2 "$ns, detached: and has stored nothing"

	# Not stopped: it may store before its page is taken away, or not
	byte=4
	held "$ns, detached again" detach $ns
	goes_on "$ns, detached again"
	wait $writer
	diag "$(paste -sd ' ' /tmp/writer)"
	must attach $ns
	case $(head -n 1 /tmp/writer) in
	"store: ok") want=4 ;;
	"store: Bus error") want=2 ;;
	*) want="$(cat /tmp/writer)" ;;
	esac
	is "$(there)" "$want" "$ns, detached again: what was stored is there, and nothing else"

	byte=5
	held "$ns, killed" detach $ns
	kill -KILL $writer
	goes_on "$ns, killed"
	within 20 ended $writer
	ok $? "$ns, killed: the writer ends"
	wait $writer
	must attach $ns
	is "$(there)" "$want" "$ns, killed: and has stored nothing"

	region=${ns#namespace}
	region=region${region%.*}
	byte=6
	held "$ns, region disabled" write "$region" $bus/drivers/nd_region/unbind
	kill -STOP $writer
	goes_on "$ns, region disabled"
	kill -CONT $writer
	wait $writer
	is "$(cat /tmp/writer)" "store: Bus error" "$ns, region disabled: the writer gets a bus error"
	must write "$region" $bus/drivers/nd_region/bind
	must settle
	must attach $ns
	is "$(there)" "$want" "$ns, region disabled: the data is as before"

	must detach $ns
done

# A flush of one region, and the other one goes on
must attach namespace0.0
must attach namespace1.0
ns=namespace1.0
node=/dev/$ns
align=$(cat $bus/devices/$ns/dax/$ns/align)
must daxstore $node "$align" 7
echo nvdimm_flush >$hold/arm
daxstore $node "$align" 8 >/tmp/writer 2>&1 &
writer=$!
within 20 is_held
ok $? "a flush does not end"
log_mark
write $ns $drv/quiesce
is "$errno $(log_since | grep -c "$ns: not quiesced (error -16): 1 flushes of its region have not ended within a second")" \
	"Device or resource busy 1" "quiescing is refused, and it is told why"
is "$(timeout 100 cat $providers/$ns/state 2>&1)" attached "all is as before"
write namespace0.0 $drv/quiesce
is "$errno" 0 "another one is quiesced meanwhile"
must write namespace0.0 $drv/resume
detach $ns &
doing=$!
told() {
	log_since | grep -q "$ns: detaching, but 1 flushes of its region have not ended for 10 s or more"
}
within 60 told
ok $? "detaching says what it waits for"
! ended $doing
ok $? "and waits"
must detach namespace0.0
echo Y >$hold/go
within 60 ended $doing
ok $? "it ends with the flush"
wait $doing
is "$?" 0 "and works"
wait $writer
is "$(paste -sd ' ' /tmp/writer)" "store: ok flush: ok" "so does the flush"
must attach $ns
is "$(there)" 8 "what was flushed is there"
must detach $ns

# Caches that are written back: page by page
ns=namespace0.0
node=/dev/$ns
must attach $ns
echo arch_wb >$hold/arm
daxflush $node 0x100000 shared store:0 store:4096 fsync >/tmp/writer 2>&1 &
writer=$!
within 20 is_held
ok $? "writing back takes long"
detach $ns &
doing=$!
within 30 shut
echo Y >$hold/go
within 60 ended $doing
ok $? "detaching waits for a part of it"
wait $doing $writer
is "$(paste -sd ' ' /tmp/writer)" "map: ok fsync: No such device or address" "the flush says that it did not come to its end"
try "the module can be unloaded" rmmod pmem_altmap
must rmmod pma_hold
