# The guest of tests/debug/power.sh, which kills it: look at what the guest before left
# with both drivers, then create, attach, write, flush and detach for ever. Prints lines
# for the host, not KTAP: "phase NAME", "accepted DRIVER SIZE", "refused DRIVER TEXT",
# "scan DRIVER", "created UUID DATAOFF SIZE ALIGN", and those of daxrecord.
# The kernel's command line has pma_NAME=VALUE:
#   first=ours|stock   who looks first
#   generation=HEX     of the records that are there; verify=only to end after the look
#   sequence=N         of the first records to be written
#   create=N           in which round the namespace is made anew; then in one of three
#   seed=N
. ./lib.sh

ns=namespace0.0
node=/dev/$ns

setting() {
	sed -n "s/.* pma_$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

say() {
	daxrecord say "$@"
}

end() {
	say failed "$@"
	exit 1
}

# do_it COMMAND...: without which this cannot go on
do_it() {
	do_out=$("$@" 2>&1) || end "$*: $do_out $errno"
}

# random N: less than that, in $random
random() {
	state=$(((state * 1103515245 + 12345) & 2147483647))
	random=$((state / 65536 % $1))
}

look_ours() {
	if attach $ns; then
		size=$(counter $ns data_size)
		say accepted ours "$size"
		say scan ours
		do_it test -c $node
		daxrecord $node scan 0 "$size" "$generation" || end scan ours
		do_it detach $ns
	else
		say refused ours "$errno"
	fi
}

# It takes what it accepts when it comes, and makes a block device of all else
look_stock() {
	stock_node=/dev/$(dax_of $ns)
	if [ -c "$stock_node" ]; then
		size=$(cat /sys/bus/dax/devices/dax0.0/size)
		say accepted stock "$size"
		say scan stock
		daxrecord "$stock_node" scan 0 "$size" "$generation" || end scan stock
	else
		say refused stock "mode $(field "$(ndctl list -Nin $ns)" mode)"
	fi
	do_it ndctl disable-namespace $ns
}

create() {
	random 2
	align=2M
	[ "$random" -eq 0 ] || align=4K
	say phase create
	json=$(devdax_create $ns --align=$align) || end create
	say phase stock
	uuid=$(field "$json" uuid)
	generation=${uuid%%-*}
	region=$(cat $bus/devices/region0/resource)
	start=$(cat /sys/bus/dax/devices/dax0.0/resource)
	size=$(cat /sys/bus/dax/devices/dax0.0/size)
	say created "$uuid" $((start - region)) "$size" "$(cat /sys/bus/dax/devices/dax0.0/align)"
	# All places, so that there is an old record wherever a new one is written
	random 65536
	store "/dev/dax0.0" 128 0 sync
	do_it ndctl disable-namespace $ns
}

# store NODE COUNT SEED FLUSH
store() {
	daxrecord "$1" write "$size" "$generation" "$sequence" "$2" "$3" "$4" || end "write $1 $4"
	sequence=$((sequence + 1))
}

generation=$(setting generation)
sequence=$(setting sequence)
create=$(setting create)
state=$(setting seed)
errno=

echo pma-power-begin >/dev/kmsg
if [ "$(setting first)" = ours ]; then
	do_it load_nfit
	do_it modprobe pmem_altmap
	look_ours
	do_it load_stock
	look_stock
else
	do_it load_stock
	look_stock
	do_it modprobe pmem_altmap
	look_ours
fi
say looked
[ "$(setting verify)" != only ] || exit 0

round=1
while :; do
	random 3
	if [ $round -eq "$create" ] || { [ $round -gt "$create" ] && [ "$random" -eq 0 ]; }; then
		create
	fi

	say phase attach
	do_it attach $ns
	size=$(counter $ns data_size)
	for how in fsync msync sync; do
		random 65535
		store $node 24 $((random + 1)) $how
	done
	say phase detach
	do_it detach $ns

	random 2
	if [ "$random" -eq 0 ]; then
		say phase stock
		do_it ndctl enable-namespace $ns
		random 65535
		store /dev/dax0.0 24 $((random + 1)) sync
		do_it ndctl disable-namespace $ns
	fi
	round=$((round + 1))
done
