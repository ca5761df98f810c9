# Namespaces that are in use, reserved or not set up, and other modes that ndctl
# itself makes, are refused; and so is what is no namespace.
# guest: nvdimm=1026M,label-size=2M
# guest: nvdimm=256M,unarmed=on
. ./lib.sh
plan 49

must load_stock
must modprobe pmem_altmap
real_labels region0 nmem0
idle=$(basename "$(ls -d $bus/devices/namespace0.* | head -n 1)")

refused "not set up" "$idle" "No such device or address" "has no capacity"

# The name's refusals: what comes before bind
for name in region0 namespace0.0x 'namespace 0.0' namespace 0.0 ../namespace0.0 \
	namespace0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0; do
	log_mark
	allow "$name"
	is "$errno $(log_since | grep -c "pmem_altmap: .*write one such as namespace0.0")" \
		"Invalid argument 1" "'$name' is no namespace's name"
done
log_mark
allow namespace7.7
is "$errno $(log_since | grep -c 'namespace7.7: no such namespace')" "No such device 1" "a namespace that is not there"
is "$(cat $drv/allow)" "" "none of them was taken down"

ns=$(field "$(ndctl create-namespace -r region0 --mode=devdax --map=dev)" dev)
refused "in use by device_dax" "$ns" "Device or resource busy" "claimed by dax0.*ndctl disable-namespace $ns"
is "$(field "$(ndctl list -n "$ns")" mode) $(ls /dev/dax0*)" "devdax /dev/dax0.0" "and the stock driver still has it"

# A name is good for one bind, and can be taken back
must ndctl disable-namespace "$ns"
must allow "$ns"
try "naming twice is naming once" allow "$ns"
is "$(cat $drv/allow)" "$ns" "the name is there once"
allow ""
is "$(cat $drv/allow)" "" "an empty line forgets it"
write "$ns" $drv/bind
is "$errno" "No such device" "and bind is refused"
must attach "$ns"
allow "$ns"
is "$errno" "Device or resource busy" "a namespace that is attached cannot be named"
write "$ns" $bus/drivers/nd_pmem/bind
is "$errno" "$(bind_error "Device or resource busy")" "nor bound by the stock driver"
is "$(ndctl disable-namespace "$ns" 2>&1 | grep -c 'Is a directory') $(ls $providers)" "1 $ns" "ndctl does not disable it, it looks for a block device"
insmod /lib/modules/"$(uname -r)"/updates/pmem_altmap.ko 2>/tmp/twice
is "$? $(grep -c 'File exists' /tmp/twice)" "1 1" "loading the module twice is refused"
is "$(counter "$ns" alloc)" 4096 "and changes nothing"
must detach "$ns"

# What a reader of the counters holds open does not stop a detach
must attach "$ns"
exec 4<"$providers/$ns/alloc"
try "detaches with a counter open" detach "$ns"
cat <&4 >/dev/null 2>&1
is "$?" 1 "the open counter has nothing to say any more"
exec 4<&-

# What sysfs can set about an idle namespace
must write 1 "$bus/devices/$ns/force_raw"
refused "forced to raw mode" "$ns" "Device or resource busy" "forced to raw mode"
must write 0 "$bus/devices/$ns/force_raw"
must write 1 $bus/devices/region0/read_only
refused "a region that somebody made read-only" "$ns" "Read-only file system" "region0 is read-only"
must write 0 $bus/devices/region0/read_only
must ndctl disable-namespace namespace1.0
refused "a DIMM that is not armed" namespace1.0 "Read-only file system" "region1 is read-only.*ndctl list -DRH"

# A name is dropped when another driver gets the namespace, or it goes away
must allow "$ns"
write "$ns" $bus/drivers/nd_pmem/bind
is "$(cat $drv/allow) $(field "$(ndctl list -n "$ns")" mode)" " devdax" "a name is dropped when the stock driver gets the namespace"
must ndctl disable-namespace "$ns"
must allow "$ns"
must ndctl disable-region region0
is "$(cat $drv/allow)" "" "a name is dropped when the namespace goes away"
must ndctl enable-region region0
must settle
must ndctl disable-namespace all

# Modes of ndctl's own making
must ndctl create-namespace -f -e "$ns" --mode=raw
must test -e /dev/pmem0
log_mark
allow "$ns"
is "$errno $(log_since | grep -c "bound to driver nd_pmem: run 'ndctl disable-namespace $ns' first")" \
	"Device or resource busy 1" "bound to nd_pmem: cannot be named"
for mode in fsdax sector; do
	must ndctl create-namespace -f -e "$ns" --mode=$mode
	must ndctl disable-namespace "$ns"
	refused "ndctl's $mode" "$ns" "Operation not supported" "ndctl create-namespace"
done
must ndctl create-namespace -f -e "$ns" --mode=devdax --map=mem
must ndctl disable-namespace "$ns"
refused "ndctl's map=mem" "$ns" "Operation not supported" "map=mem (mode 1)"
must ndctl enable-namespace "$ns"
is "$(field "$(ndctl list -n "$ns")" map)" mem "and the stock driver still takes it"
