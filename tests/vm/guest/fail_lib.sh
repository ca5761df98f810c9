# What fail_alloc and fail_calls share: a namespace of one section, since __add_pages()
# keeps what it had added of several when a later one fails, and a range of DRAM for the
# sample client.
ns=namespace0.0
dir=/sys/kernel/debug
module=/lib/modules/$(uname -r)/updates/pmem_altmap.ko
must load_stock
must modprobe pmem_altmap
must devdax_create $ns
must ndctl disable-namespace $ns
must rmmod pmem_altmap

# fail KIND PHASE FLOOR: never fewer points than were counted once
fail() {
	failnth "$1" "$module" "$2" >/tmp/fail 2>&1
	fail_rc=$?
	grep '^hit ' /tmp/fail >>/tmp/hits
	fail_points=$(sed -n "s/^points $2 //p" /tmp/fail)
	[ "$fail_rc" -eq 0 ] && [ -n "$fail_points" ]
	ok $? "$1 $2: after each of its points everything is as before"
	grep -v '^hit ' /tmp/fail | head -n 20 | sed 's/^/# /'
	[ "${fail_points:-0}" -ge "$3" ]
	ok $? "$1 $2: ${fail_points:-none} points, $3 or more"
}
