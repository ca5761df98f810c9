# The pages are real: direct I/O, io_uring's registered buffers, vmsplice and other
# processes take them; fio works as it comes.
# guest: mem=3G
# guest: extra=fio
# guest: nvdimm=4G
# guest: nvdimm=256M
. ./lib.sh
plan 27

ns=namespace0.0
node=/dev/$ns
must load_stock
must modprobe pmem_altmap
disk=/dev/$(field "$(ndctl list -n namespace1.0)" blockdev)

# fio ENGINE OPTION...: a short job with verification of what is read back
fio_job() {
	fj_engine=$1
	shift
	timeout 1000 fio --name=job --ioengine="$fj_engine" --verify=crc32c --verify_fatal=1 "$@" >/tmp/fio 2>&1 &&
		grep -q 'err= 0' /tmp/fio
	ok $? "$align: fio $fj_engine"
	grep -q 'err= 0' /tmp/fio || diag "$(tail -n 15 /tmp/fio)"
}

for align in 4K 2M 1G; do
	must devdax_create $ns --align=$align
	bytes=$(cat /sys/bus/dax/devices/dax0.0/align)
	[ $align = 4K ] && bytes=131072
	daxpages /dev/dax0.0 "$bytes" io "$disk" >/tmp/stock 2>&1
	must ndctl disable-namespace $ns
	must attach $ns
	daxpages $node "$bytes" io "$disk" >/tmp/ours 2>&1
	for what in "O_DIRECT both ways" "O_DIRECT as read by another buffer" \
		vmsplice process_vm_readv "mapped by another process" fsync msync; do
		grep -q "^$what: ok" /tmp/ours
		ok $? "$align: $what"
	done
	# Kernels before 6.3 register no buffers of mapped files; device-dax has no fsync
	is "$(grep '^io_uring' /tmp/ours)" "$(grep '^io_uring' /tmp/stock)" \
		"$align: io_uring registered buffer as on device-dax"
	diag "ours:
$(cat /tmp/ours)
device-dax:
$(cat /tmp/stock)"
	if [ "$align" = 2M ]; then
		fio_job dev-dax --filename=$node --rw=randwrite --bs=4k --size=16M
		fio_job mmap --filename=$node --rw=write --bs=4k --size=16M
	fi
	must detach $ns
done
is "$(dmesg | grep -c 'alloc is back at 0')" 3 "every alloc was back at 0"
