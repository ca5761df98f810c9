# Texts of all kinds in every file of the driver, the module and the node that can be
# written to, and odd reads of all others, from several processes at once: what is taken
# is the name of a namespace, and all works as before. pma_rounds=N calls for each
# process, pma_seed=N.
# guest: nvdimm=64M
# guest: nvdimm=256M
# guest: silence=240
. ./lib.sh
plan 16

setting() {
	sed -n "s/.*pma_$1=\([0-9]*\).*/\1/p" /proc/cmdline
}
rounds=$(setting rounds)
rounds=${rounds:-1000}
seed=$(setting seed)
seed=${seed:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

must load_nfit
must modprobe pmem_altmap
scan=/sys/module/pmem_altmap/parameters/scan
for ns in namespace0.0 namespace1.0; do
	must attach $ns
	nodes="${nodes:-} $(readlink -f "$bus/devices/$ns/dax/$ns")"
done
# shellcheck disable=SC2086 # words
written=$(find $drv/ /sys/module/pmem_altmap/ $nodes -type f -perm -200)
# shellcheck disable=SC2086 # words
shown=$(find /sys/kernel/debug/pmem_altmap $drv/ /sys/module/pmem_altmap/ $nodes -type f -perm -400)
diag "written to: $(echo "$written" | tr '\n' ' ')"
is "$(for name in allow bind unbind quiesce resume; do echo "$written" | grep -x "$drv/$name"; done | wc -l)" 5 \
	"the driver's files are among them"
is "$(echo "$written" | grep -cx $scan)" 1 "and the module's parameter"
is "$(echo "$shown" | grep -c providers/)" "$(find $providers -type f | wc -l)" "and the counters are read"
for ns in namespace0.0 namespace1.0; do
	must detach $ns
done
free_before=$(mem_settled) || exit

# Names that are good, so that there is something to be in the way of
binder() {
	while [ ! -e /tmp/stop ]; do
		for ns in namespace0.0 namespace1.0; do
			echo $ns >$drv/allow && echo $ns >$drv/bind && echo x >>/tmp/attached
			sleep 0.1
		done
	done 2>/dev/null
}
binder &
# shellcheck disable=SC2086 # words
fuzzsysfs "$seed" "$rounds" 4 namespace0.0,namespace1.0 $written -- $shown >/tmp/out 2>&1
rc=$?
touch /tmp/stop
wait
value() {
	sed -n "s/^$1 //p" /tmp/out
}
diag "seed $seed, attached $(wc -l </tmp/attached) times meanwhile: $(tr '\n' ' ' </tmp/out)"
is "$rc $(value wrong) $(value died)" "0 0 0" "nothing but names is taken"
# Most reads are odd and get nothing: all of them together get some 10 to 20 bytes a round
[ "$(value writes)" -ge "$rounds" ] && [ "$(value taken)" -ge $((rounds / 10)) ] &&
	[ "$(value reads)" -ge "$rounds" ] && [ "$(value bytes)" -ge "$rounds" ] && [ "$(value counters)" -ge 1 ] &&
	[ "$(wc -l </tmp/attached)" -ge 3 ]
ok $? "there was enough of it"
is "$(for name in allow bind unbind quiesce resume; do
	[ "$(value took_$name)" -ge 1 ] || echo $name
done 2>&1)" "" "each file of the driver took something"
is "$(dmesg | grep -c 'the kernel kept')" 0 "every alloc was back at 0"
case $(cat $scan) in
Y | N) ok 0 "the parameter is what it can be" ;;
*) ok 1 "the parameter is what it can be" ;;
esac
must write Y $scan

# All as before
write "" $drv/allow
is "$errno $(cat $drv/allow)" "0 " "names can be forgotten"
for ns in namespace0.0 namespace1.0; do
	detach $ns
	try "$ns: attaches" attach $ns
	size=$(counter $ns data_size)
	align=$(cat $bus/devices/$ns/dax/$ns/align)
	fuzznode /dev/$ns "$size" "$align" fill && fuzznode /dev/$ns "$size" "$align" check >/tmp/out2
	ok $? "$ns: and is mapped"
	must detach $ns
done
is "$(ls $providers; grep -c ': namespace[01].0$' /proc/iomem)" 0 "nothing is held"
lost=$((free_before - $(mem_settled)))
diag "$lost bytes of DRAM lost"
[ $lost -lt $((4194304 + settled_noise)) ]
ok $? "no DRAM is lost"
try "the module can be unloaded" rmmod pmem_altmap
