# Ours and the stock driver in turn on one namespace; no test: tests/bench/run.sh
# boots it and makes tables of the lines "row NAME ours|stock|mem VALUE UNIT".
# bench_rounds= and bench_rows= (prefixes, commas between) come on the kernel's
# command line.
# guest: mem=3G
# guest: extra=fio
# guest: nvdimm=4G
# guest: nvdimm=256M
# guest: silence=240
. ./lib.sh

ns=namespace0.0
dax_drv=$bus/drivers/dax_pmem
GIB=1073741824

parameter() {
	sed -n "s/.*$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

# wanted NAME...: does one of them, or what it begins with, stand in ROWS
wanted() {
	[ -n "$rows" ] || return 0
	for wanted_name in "$@"; do
		for wanted_row in $rows; do
			case $wanted_name in
			"$wanted_row"*) return 0 ;;
			esac
		done
	done
	return 1
}

row() {
	wanted "$1" && echo "row $1 $kind $2 $3"
}

# timed COMMAND...: what daxbench says, to $out; the end where it fails
timed() {
	out=$(daxbench "$@" 2>&1) && return
	echo "Bail out! daxbench $*: $out"
	exit 1
}

# each NAME-SUFFIX COUNT-UNIT: rows of what $out says, in ns or per second
each() {
	while read -r each_what each_count each_ns; do
		if [ "$2" = ns ]; then
			row "$each_what$1" "$each_ns" ns
		else
			row "$each_what$1" "$(awk -v n="$each_count" -v t="$each_ns" 'BEGIN { printf "%.3f", n * 1e9 / t }')" "$2"
		fi
	done <<END
$out
END
}

# The two drivers, bound and unbound by one write that returns when it is done: dax_pmem
# makes device_dax's device of it
bound() {
	case $kind in
	ours)
		must allow $ns
		timed write $drv/bind $ns
		;;
	*) timed write "$dax_drv/bind" "$holder" ;;
	esac
	[ -c "$node" ] || must false "$node is not there"
}

unbound() {
	case $kind in
	ours) timed write $drv/unbind $ns ;;
	*) timed write "$dax_drv/unbind" "$holder" ;;
	esac
	[ ! -c "$node" ] || must false "$node is still there"
}

# driver ours|stock|mem: who has the namespace
driver() {
	kind=$1
	case $kind in
	ours)
		node=/dev/$ns
		must ndctl disable-namespace $ns
		must attach $ns
		;;
	*)
		node=/dev/dax0.0
		must ndctl enable-namespace $ns
		holder=$(cat $bus/devices/$ns/holder)
		;;
	esac
	size=$(cat "/sys/dev/char/$((0x$(stat -c %t "$node"))):$((0x$(stat -c %T "$node")))/size")
}

life() {
	wanted attach-$align attach-noscan-$align dram-$align detach-$align detach-touched-$align capacity-lost-$align || return
	unbound
	bound
	unbound
	# What is freed later is freed by then
	sleep 0.2
	before=$(mem_free)
	bound
	sleep 0.2
	dram=$((before - $(mem_free)))
	unbound
	took=${out##* }
	if wanted detach-touched-$align; then
		# A page of each section of 128 MiB, but for what is left at the end
		bound
		timed faults "$node" 134217728 $((size / 134217728))
		unbound
		row "detach-touched-$align" "${out##* }" ns
	fi
	if wanted attach-noscan-$align; then
		[ "$kind" != ours ] || must write N "$scan"
		bound
		row "attach-noscan-$align" "${out##* }" ns
		unbound
		[ "$kind" != ours ] || must write Y "$scan"
	fi
	bound
	row "attach-$align" "${out##* }" ns
	row "detach-$align" "$took" ns
	row "dram-$align" $dram bytes
	row "capacity-lost-$align" $(($(cat $bus/devices/$ns/size) - size)) bytes
}

fio_row() {
	wanted "$1" || return
	timeout 1000 fio --name=job --ioengine=dev-dax --filename="$node" --rw="$2" --bs="$3" \
		--size=64M --loops=2 --clocksource=clock_gettime --output-format=json >/tmp/fio 2>&1 ||
		must false "fio $(tail -n 5 /tmp/fio)"
	# By the mean latency of a block, since fio's bandwidth counts in milliseconds. Of
	# read, write and trim only one is not 0
	row "$1" "$(awk -v bytes="$4" '/"lat_ns"/ { on = 1 }
		on && /"mean"/ { on = 0; gsub(/[^0-9.]/, ""); if ($0 + 0 > 0) { printf "%.3f", bytes * 1e9 / $0 / 1048576; exit } }' /tmp/fio)" MiB/s
}

measure() {
	[ $align = 1G ] || life
	case $align in
	4K) unit=4096 count=16384 times=1 ;;
	2M) unit=2097152 count=512 times=1 ;;
	1G) unit=$GIB count=$((size / GIB)) times=32 ;;
	esac
	if wanted "faults-$align"; then
		timed faults "$node" "$unit" "$count" "$times"
		each "-$align" faults/s
	fi
	[ "$align" != 1G ] || return
	if wanted "direct-write-$align" "direct-read-$align"; then
		timed direct "$node" 67108864 "$disk"
		each "-$align" MiB/s
	fi
	if wanted pin unpin; then
		timed pin "$node" $GIB
		each "-$align" ns
		sleep 0.2
	fi
	[ "$align" = 2M ] || return
	fio_row fio-seqread-1M read 1M 1048576
	fio_row fio-seqwrite-1M write 1M 1048576
	fio_row fio-randread-4K randread 4K 4096
	fio_row fio-randwrite-4K randwrite 4K 4096
}

scan=/sys/module/pmem_altmap/parameters/scan
rounds=$(parameter bench_rounds)
rows=$(parameter bench_rows | tr , ' ')
# Where a mapping comes to lie makes a difference in page tables
must write 0 /proc/sys/kernel/randomize_va_space
must load_stock
must modprobe pmem_altmap
disk=/dev/$(field "$(ndctl list -n namespace1.0)" blockdev)
echo "kernel $(uname -r)"

for align in 2M 4K 1G; do
	wanted attach-$align attach-noscan-$align detach-$align detach-touched-$align dram-$align capacity-lost-$align faults-$align \
		direct-write-$align direct-read-$align pin unpin fio || continue
	must devdax_create $ns --align=$align
	must ndctl disable-namespace $ns
	if [ $align = 2M ]; then
		driver ours
		# The host's pages behind the devices
		timed pin "$node" $GIB
		timed direct "$node" 67108864 "$disk"
		sleep 0.2
		must detach $ns
	fi
	i=0
	while [ $i -lt "$rounds" ]; do
		driver stock
		measure
		driver ours
		measure
		must detach $ns
		i=$((i + 1))
	done
done

for align in 2M 4K; do
	wanted attach-$align attach-noscan-$align detach-$align detach-touched-$align dram-$align capacity-lost-$align || continue
	must ndctl create-namespace -f -e $ns --mode=devdax --map=mem --align=$align
	driver mem
	i=0
	while [ $i -lt "$rounds" ]; do
		life
		i=$((i + 1))
	done
done
