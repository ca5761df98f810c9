# What races and races4 are, for 60 seconds, or pma_seconds= of the kernel's command line
seconds=$(sed -n 's/.*pma_seconds=\([0-9]*\).*/\1/p' /proc/cmdline)
seconds=${seconds:-60}
seed=$(sed -n 's/.*pma_seed=\([0-9]*\).*/\1/p' /proc/cmdline)
seed=${seed:-$(date +%s)}

must load_stock
must modprobe pmem_altmap
# They get other names when their bus goes and comes
spaces() {
	(cd "$bus/devices" && ls -d namespace*)
}
# Of both kinds of pages; each word says of which one it is
must ndctl disable-namespace all
for ns in $(spaces); do
	must attach "$ns"
	align=$(cat "$bus/devices/$ns/dax/$ns/align")
	must fuzznode "/dev/$ns" "$(counter "$ns" data_size)" "$align" fill "$((align == 4096))"
	must detach "$ns"
done
# Who holds what; the names of namespaces do not count
held() {
	sed 's/namespace[0-9.]*/namespace/' /proc/iomem
}
iomem=$(held)
# nfit binds the ACPI device itself, or in later kernels a platform device that stands for it
bus_path=$(dirname "$(readlink -f "$bus/devices/ndbus0")")
bus_device=$(basename "$bus_path")
bus_driver=$(readlink -f "$bus_path/driver")

module=$(find /lib/modules -name pmem_altmap.ko)
must [ -e "$module" ]

# few: what was not done often enough
often=$(((seconds + 59) / 60))
seldom=$(((seconds + 299) / 300))
few() {
	awk -v often=$often -v seldom=$seldom '!/^#/ { did[$1] += $2 }
		END {
			for (deed in did) {
				if (deed ~ /^(stuck|killed|stopped|wrong|looked|found|reloaded_amidst|stock_amidst)$/)
					continue
				away = deed ~ /^(freed|module_reloaded|stock_took_it|region_removed|bus_removed)$/
				if (did[deed] < (away ? seldom : often))
					print deed "=" did[deed]
			}
		}' /tmp/deeds
}
# race SECONDS SEED
race() {
	daxrace "$1" "$2" "$module" "$bus_driver" "$bus_device" >>/tmp/deeds 2>&1
}

# Where that is slow, it all lasts up to three times as long
diag "seed $seed, $seconds s, $(grep -c ^processor /proc/cpuinfo) CPUs"
race "$seconds" "$seed"
worked=$?
for more in $(seq 4); do
	if [ $worked -ne 0 ] || [ -z "$(few)" ]; then
		break
	fi
	diag "$((seconds / 2)) s more for want of $(few | tr '\n' ' ')" | tee /dev/kmsg
	race $((seconds / 2)) $((seed + more))
	worked=$?
done
is $worked 0 "every worker comes to its end, none was killed"
diag "$(grep -m 10 '^#' /tmp/deeds)"
awk '!/^#/ { did[$1] += $2 } END { for (deed in did) print deed, did[deed] }' /tmp/deeds >/tmp/all
diag "$(cat /tmp/all)"
is "$(few)" "" "each thing was done $often times or more, and what is below went away $seldom times or more"

is "$(sed -n 's/^wrong //p' /tmp/all)" 0 "no other word was read than was to be there, and SIGBUS is all that comes"
looked=$(sed -n 's/^looked //p' /tmp/all)
found=$(sed -n 's/^found //p' /tmp/all)
[ "$((found * 4))" -ge "$looked" ]
ok $? "something was attached in a quarter of the time or more: $found of $looked s"

# In the end everything works, and nothing is held
[ -d "$bus_driver/$bus_device" ] || must write "$bus_device" "$bus_driver/bind"
must settle
[ -e "$drv" ] || must modprobe pmem_altmap
ndctl enable-region all >/dev/null 2>&1
must settle
ndctl disable-namespace all >/dev/null 2>&1
for ns in $(spaces); do
	detach "$ns"
done
allow ""
is "$(ls "$providers")" "" "no provider is left"
is "$(dmesg | grep -c 'the kernel kept')" 0 "every alloc was back at 0"
is "$(spaces | wc -l)" 2 "both namespaces are there"
for ns in $(spaces); do
	try "$ns: attaches" attach "$ns"
	try "$ns: detaches" detach "$ns"
	try "$ns: the stock driver takes it" ndctl enable-namespace "$ns"
done
must ndctl disable-namespace all
is "$(held)" "$iomem" "/proc/iomem is as it was"
