# Every info block that must be refused is, with its errno and one line in the log,
# and nothing changes on the device. The blocks are written by the host.
. ./lib.sh
grep -v '^#' refusals.cases | sed 's/ *| */|/g' >/tmp/cases
count=$(wc -l </tmp/cases)
# A debug kernel overwrites the memmap of what the stock driver could not add, and the host
# looks at every byte
is_debug=0
[ ! -e /sys/kernel/debug/kmemleak ] || is_debug=1
plan $((count * 3 + 1 - is_debug))

# Only libnvdimm's buses: the stock drivers would look at the blocks first
must load_nfit
must modprobe pmem_altmap

# The devices lie in the order of their addresses: the host's order, as the
# addresses that are set are the highest
for region in "$bus"/devices/region*; do
	echo "$(($(cat "$region/resource"))) namespace${region##*region}.0"
done | sort -n | cut -d' ' -f2 >/tmp/namespaces

exec 3</tmp/namespaces
while IFS='|' read -r name size args error text; do
	read -r ns <&3
	if [ "$error" != 0 ]; then
		refused "$name" "$ns" "$error" "$text"
		continue
	fi
	try "$name: attaches" attach "$ns"
	is "$(ls $providers)" "$ns" "$name: attached"
	try "$name: detaches" detach "$ns"
done </tmp/cases

# The generator makes what the stock driver takes, or all of this would be in vain.
# (Of the others' altmaps, it warns and leaks.)
[ $is_debug -eq 0 ] || exit 0
good=$(head -n 1 /tmp/namespaces)
stock_takes() {
	load_stock
	# The bus probes in the background
	for _ in $(seq 100); do
		[ -e /dev/pmem33 ] && break
		sleep 0.5
	done
	ndctl disable-namespace all
	ndctl enable-namespace "$good"
}
stock stock_takes >/dev/null 2>&1
is "$(field "$(ndctl list -n "$good")" mode)" devdax "good: the stock driver takes it for devdax"
