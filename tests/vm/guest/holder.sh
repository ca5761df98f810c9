# The dax device below which a node is to be made is locked by somebody else: that is waited
# for, a second, and then the namespace is given back. A kprobe lets the locks be taken.
# guest: when=debug
# guest: nvdimm=256M
. ./lib.sh
plan 12

ns=namespace0.0
node=/dev/dax0.0
dir=/sys/kernel/debug/pma_failpoint
must load_stock
must insmod /tests/modules/pma_failpoint.ko
# With lockdep it is a macro of the newer name in 7.3
trylock=$(symbol_of "mutex_trylock|_mutex_trylock_nest_lock")
must write "$trylock 0" $dir/add
must modprobe pmem_altmap
must devdax_create $ns
holder=$(cat $bus/devices/$ns/holder)
must write "$holder" $bus/drivers/dax_pmem/unbind
must allow $ns

# bind N TIMES: with so many locks that cannot be taken, from the Nth on
bind() {
	dmesg -c >/tmp/earlier
	errno=$(sh -c "echo \$\$ $1 $2 >$dir/arm; echo $ns >$drv/bind" 2>&1)
	rc=$?
	write "0 0" $dir/arm
	hit=$(cat $dir/hit)
}

# The region's device is locked first, then the dax device
for nth in 1 2; do
	bind $nth 1
	is "$rc $hit" "0 $trylock $((nth + 2)) 1" "lock $nth is not to be had once: attaches"
	[ -c $node ]
	ok $? "and has its node"
	must detach $ns
	must allow $ns
done
bind 1 1000
is "$rc $hit" "1 $trylock 50 1" "nor ever: is refused after 50 times"
is "$(dmesg | grep -c "$ns: not attached (error -16): cannot make the device node below $holder, it may be being bound or removed: try again")" 1 "in one line that says where"
diag "$(dmesg | grep pmem_altmap)"
is "$(find /dev -name "dax*" | wc -l) $(grep -c ": $ns$" /proc/iomem) $(ls $providers)" "0 0 " "nothing is left"
try "attaches then" attach $ns
is "$(ls $node)" $node "and has its node"
try "detaches" detach $ns
try "the stock driver takes it back" write "$holder" $bus/drivers/dax_pmem/bind
try "the module can be unloaded" rmmod pmem_altmap
