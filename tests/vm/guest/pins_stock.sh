# What pins.sh is about, on the stock driver: it never says a word of pinned pages.
# Where the kernel does not count references for it (6.1), it takes the memmap away
# under them, and the kernel oopses when they are dropped; where it does, it waits.
# guest: when=stock
# guest: nvdimm=1G
. ./lib.sh
plan 3

ns=namespace0.0
must load_stock
must devdax_create $ns
must mkfifo /tmp/go
daxpages /dev/dax0.0 2097152 pin /tmp/go >/tmp/out 2>&1 &
sleep 2
is "$(grep -c '^pinned$' /tmp/out)" 1 "512 pages are pinned"

log_mark
echo pma-stock-begin >/dev/kmsg
(ndctl disable-namespace $ns >/dev/null 2>&1; echo over >/tmp/unbound) &
sleep 13
is "$(log_since | grep -ci 'pin\|refe\|wait')" 0 "the stock driver says nothing for 13 s"
before=$(cat /tmp/unbound 2>/dev/null)
echo >/tmp/go
sleep 3
if [ "$before" = over ]; then
	# The memory went with the pages pinned
	diag "unbound at once; when the pins were dropped: $(log_since | grep -o 'BUG: .*' | head -n 1)"
	log_since | grep -q 'BUG: unable to handle page fault'
	ok $? "and took the memmap away under the pins"
else
	diag "still waiting after 13 s; ended after the pins: $(cat /tmp/unbound)"
	is "$(cat /tmp/unbound)" over "and waited for the pins"
fi
