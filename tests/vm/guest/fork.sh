# The kernel copies page tables in fork() where there is a guard region (6.15 and later), and
# those of 1 GiB pages without counting: a page that is mapped, or held, must not look free.
# guest: mem=3G
# guest: nvdimm=4G
. ./lib.sh
# Before 5.17 there are single pages only, of which a GiB is written back one by one
set -- 4K 2M 1G
case $(uname -r) in
5.1[0-6].*) set -- 4K 2M ;;
esac
plan $((5 * $# + 1))

ns=namespace0.0
must load_stock
must modprobe pmem_altmap
. ./flush_lib.sh

for align; do
	must devdax_create $ns --align="$align"
	bytes=$(cat /sys/bus/dax/devices/dax0.0/align)
	must ndctl disable-namespace $ns
	must attach $ns
	[ "$align" != 1G ] || trace_edges
	written_back $ns >/dev/null
	# The second unit is stored to, and a page of the first one is guarded. The place is
	# known modulo 1 GiB.
	first=$((bytes & 0x3fffffff))
	want="map: ok fork: ok unmap: ok fsync: ok $first-$((first + bytes)) $bytes"
	is "$(daxflush /dev/$ns $((2 * bytes)) shared store:"$bytes" fork unmap fsync | paste -sd ' ') $(written_back $ns)" \
		"$want" "$align: what was stored before a fork() is written back"
	said=$(daxflush /dev/$ns $((2 * bytes)) shared store:"$bytes" guard:0 fork unmap fsync | paste -sd ' ')
	is "$(echo "$said" | sed 's/ guard:0: .* fork:/ fork:/') $(written_back $ns)" \
		"$want" "$align: and with a guard region"
	# Where it cannot be, no page table is copied
	guarded=ok
	if [ "$align" = 1G ] || uname -r | grep -qE "^($before_6_15)\."; then
		guarded="Invalid argument"
	fi
	is "$(echo "$said" | sed 's/.* guard:0: \(.*\) fork:.*/\1/')" "$guarded" \
		"$align: a guard region, which units of 1 GiB cannot have"
	is "$(counter $ns mappings) $(counter $ns pinned)" "0 0" "$align: nothing stays mapped or pinned"
	try "$align: detaches" detach $ns
done
try "the module can be unloaded" rmmod pmem_altmap
