# Every info block that must be refused is, with its errno and one line in the log,
# and nothing changes on the device. The blocks are written by the host.
. ./lib.sh
grep -v '^#' refusals.cases | sed 's/ *| */|/g' >/tmp/cases
count=$(wc -l </tmp/cases)
plan $((count * 3 + 1))

# Only libnvdimm's buses: the stock drivers would look at the blocks first
must modprobe nfit
must modprobe pmem_altmap
log_mark

# The devices lie in the order of their addresses: the host's order, as the
# addresses that are set are the highest
for region in "$bus"/devices/region*; do
	echo "$(($(cat "$region/resource"))) namespace${region##*region}.0"
done | sort -n | cut -d' ' -f2 >/tmp/namespaces

exec 3</tmp/namespaces
while IFS='|' read -r name size args error text; do
	read -r ns <&3
	iomem=$(cat /proc/iomem)
	log_mark
	attach "$ns"
	is "$errno" "$error" "$name: error"
	lines=$(log_since | grep "pmem_altmap $ns")
	case "$lines" in
	*"
"*) diag "$lines" ;;
	esac
	is "$(echo "$lines" | wc -l) $(echo "$lines" | grep -c "$text")" "1 1" "$name: one line that says why"
	diag "$lines"
	if [ "$error" = 0 ]; then
		is "$(ls $providers)" "$ns" "$name: attached"
		detach "$ns"
	else
		is "$(ls $providers; cat /proc/iomem)" "$iomem" "$name: nothing is held"
	fi
done </tmp/cases

# The generator makes what the stock driver takes, or all of this would be in vain.
# (Of the others' altmaps, it warns and leaks.)
must stock load_stock
must ndctl disable-namespace all
good=$(head -n 1 /tmp/namespaces)
must ndctl enable-namespace "$good"
is "$(field "$(ndctl list -n "$good")" mode)" devdax "good: the stock driver takes it for devdax"
