# The character device maps as device-dax does: the same program is run on both, and
# says the same, at each page size.
# guest: mem=3G
# guest: nvdimm=4G
. ./lib.sh
plan 34

ns=namespace0.0
node=/dev/$ns
must load_stock
must modprobe pmem_altmap

for align in 4K 2M 1G; do
	must devdax_create $ns --align=$align
	stock=/sys/bus/dax/devices/dax0.0
	size=$(cat $stock/size)
	bytes=$(cat $stock/align)
	log_mark
	echo pma-stock-begin >/dev/kmsg
	daxrules /dev/dax0.0 "$size" "$bytes" >/tmp/stock
	ok $? "$align: the rules on device-dax"
	sleep 1
	echo pma-stock-end >/dev/kmsg
	# 7.3 loses a page's count at 1G, after a move by mremap(), which is one that ours has, too
	log_since | grep -q 'Bad rss-counter state' && [ $align = 1G ] &&
		kernel_bug 'Bad rss-counter state .*MM_FILEPAGES val:262144 '
	# See the test stale
	log_since | grep -q ': bad p[mu]d ' && kernel_bug ': bad p[mu]d '
	stock_sysfs="$size $bytes $(cat $stock/target_node) $(($(cat $stock/resource)))"
	must ndctl disable-namespace $ns

	try "$align: attaches" attach $ns
	dev=/sys/dev/char/$(printf '%d:%d' "0x$(stat -c %t $node)" "0x$(stat -c %T $node)")
	is "$(cat "$dev/size" "$dev/align" "$dev/target_node" | tr '\n' ' ')$(($(cat "$dev/resource")))" \
		"$stock_sysfs" "$align: size, align, target_node and resource as of device-dax"
	is "$(readlink "$dev/subsystem" | sed 's|.*/||') $(stat -c '%a %u %g' $node)" "dax 600 0 0" \
		"$align: in class dax, root's alone"
	daxrules $node "$size" "$bytes" >/tmp/ours
	ok $? "$align: the rules on ours"
	# device-dax looks at addresses only; ours refuses such an offset
	is "$(sed -n 's/^offset beside align: //p' /tmp/ours)" \
		"$([ $align = 4K ] || echo Invalid argument)" "$align: an offset beside align is refused"
	sed -i '/^offset beside align/d' /tmp/stock /tmp/ours
	# Nor does it keep guard regions away, see the test "fork": what comes with that. Since
	# about 7.0 MADV_DOFORK is one of those.
	costs='^(dofork|child with it|grow in place|new part|dodump|map it twice|second mapping|move and stay|new place): '
	special=$(grep -E "$costs" /tmp/stock | paste -sd ' ')
	if [ $align = 1G ] && ! uname -r | grep -qE "^($before_6_15)\."; then
		special="$(grep -qx 'dofork: ok' /tmp/ours && echo "dofork: ok child with it: reads 77" ||
			echo "dofork: Invalid argument child with it: Segmentation fault") grow in place: Bad address"
		special="$special dodump: Invalid argument map it twice: Bad address move and stay: Invalid argument"
	fi
	is "$(grep -E "$costs" /tmp/ours | paste -sd ' ')" \
		"$special" "$align: what a guard region's absence costs"
	sed -i -E "/$costs/d" /tmp/stock /tmp/ours
	diff /tmp/stock /tmp/ours >/tmp/diff
	ok $? "$align: all else is the same as on device-dax"
	[ -s /tmp/diff ] && diag "$(cat /tmp/diff)"
	is "$(counter $ns mappings) $(counter $ns pinned)" "0 0" "$align: nothing stays mapped or pinned"
	is "$(grep -c ': Bus error' /tmp/ours)" "$(grep -c ': Bus error' /tmp/stock)" "$align: bus errors where there should be"
	try "$align: detaches" detach $ns
	[ "$align" = 2M ] && diag "$(cat /tmp/ours)"
done
is "$(ls $node 2>&1)" "ls: $node: No such file or directory" "the node goes with the namespace"
