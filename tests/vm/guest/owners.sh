# Ranges of other modules: names that are hard to show, and kernels that count idle pages in another
# way; and namespaces that other modules have, of which only the pages that they look up count.
# guest: mem=6G
# guest: append=memmap=2G$6G
# guest: nvdimm=512M
# guest: extra=cli
. ./lib.sh
checks=12
plan $((checks + 12))

start=0x180000000
size=$((256 << 20))
census=/sys/kernel/debug/pmem_altmap/altmaps
must load_stock
must modprobe pmem_altmap

log_mark
try "the test module loads" insmod /tests/modules/pma_idle.ko start=$start size=$size
log_since | sed -n 's/.*pma_idle: //p' >/tmp/log
while read -r line; do
	case $line in
	"ok "*) ok 0 "${line#ok }" ;;
	"not ok "*) ok 1 "${line#not ok }" ;;
	*) diag "$line" ;;
	esac
done </tmp/log
is "$(sed -n 's/^done //p' /tmp/log)" $checks "all of it was tried"
is "$(log_since | grep -c 'not added (error -95): new data page at pfn 0x[0-9a-f]* has [0-2] references, the first one has [0-2]') $(ls $providers)" \
	"3 " "the log says why, and nothing is left"

# A namespace: what is only read does not count, what is looked up does
ns=namespace0.0
must devdax_create $ns
must ndctl disable-namespace $ns
must insmod /tests/modules/pma_mapper.ko
must attach $ns
is "$(counter $ns users)" 1 "a client has a namespace"
must write 1 /sys/module/pma_mapper/parameters/hold
is "$(counter $ns pinned)" 0 "it has read the counters: no page is looked at"
must write 2 /sys/module/pma_mapper/parameters/hold
case $(counter $ns pinned) in
1 | 512) ok 0 "it has looked up a page, and holds it" ;;
*) ok 1 "it has looked up a page, and holds it: $(counter $ns pinned)" ;;
esac
must write 0 /sys/module/pma_mapper/parameters/hold
is "$(counter $ns pinned)" 0 "and no more"
must write 1 /sys/module/pma_mapper/parameters/put
try "detaches" detach $ns

# A name with all that JSON and a table mind
must insmod /tests/modules/pma_forgets.ko start=$start size=$size own=1 hostile=1
is "$(ls $providers | wc -l)" 1 "a device of a hard name has a range"
if [ -e ${census}_json ]; then
	is "$(sed -n 's/.*"owner":\(.*\),"driver".*/\1/p' ${census}_json)" '"a \"b\\\u00c3\u00a9%n"' "its name is a string of JSON"
	is "$(grep -c '^0x' $census) $(awk '/^0x/ { print NF, $2 }' $census)" '1 16 a\x20"b\x5c\xc3\xa9%n' "and one word of the table"
else
	ok 0 "there is no census"
	ok 0 "nor a table"
fi
altmapctl list >/tmp/out 2>&1
is "$? $(grep -c '"device":"a \\"b' /tmp/out)" "0 1" "altmapctl lists it"
diag "$(cat /tmp/out)"
must rmmod pma_forgets
must rmmod pma_mapper
