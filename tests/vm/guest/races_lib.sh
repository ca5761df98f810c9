# What races and races4 are, for 60 seconds, or pma_seconds= of the kernel's command line
seconds=$(sed -n 's/.*pma_seconds=\([0-9]*\).*/\1/p' /proc/cmdline)
seconds=${seconds:-60}
seed=$(sed -n 's/.*pma_seed=\([0-9]*\).*/\1/p' /proc/cmdline)
seed=${seed:-$(date +%s)}
acpi=/sys/bus/acpi/drivers/nfit

must load_stock
must modprobe pmem_altmap
# They get other names when their bus goes and comes
spaces() {
	(cd "$bus/devices" && ls -d namespace*)
}
for ns in $(spaces); do
	must devdax_create "$ns"
done
must ndctl disable-namespace all
# Who holds what; the names of namespaces do not count
held() {
	sed 's/namespace[0-9.]*/namespace/' /proc/iomem
}
iomem=$(held)
bus_device=$(cd $acpi && ls -d ACPI0012:*)

# again SECONDS NAME COMMAND...: until stopped; how often it worked is counted
again() {
	a_pause=$1 a_name=$2
	shift 2
	while [ ! -e /tmp/stop ]; do
		sleep "$a_pause"
		"$@" >/dev/null 2>&1 && echo x >>"/tmp/did.$a_name"
	done
}

reload() {
	rmmod pmem_altmap && modprobe pmem_altmap
}

stock_takes_one() {
	ns=$(spaces | tail -n 1)
	ndctl enable-namespace "$ns" && ndctl disable-namespace "$ns"
}

region_goes() {
	region=$(cd "$bus/devices" && ls -d region* | head -n 1)
	ndctl disable-region "$region"
	region_rc=$?
	ndctl enable-region "$region"
	return $region_rc
}

# With it go both regions
bus_goes() {
	echo "$bus_device" >$acpi/unbind && echo "$bus_device" >$acpi/bind
}

again 2 module_reloaded reload &
again 3 stock_took_it stock_takes_one &
again 5 region_removed region_goes &
again 11 bus_removed bus_goes &
diag "seed $seed, $seconds s, $(grep -c ^processor /proc/cpuinfo) CPUs"
daxrace "$seconds" "$seed" >/tmp/deeds 2>&1
is "$?" 0 "every worker comes to its end, none was killed"
touch /tmp/stop
wait
diag "$(cat /tmp/deeds)"
diag "$(wc -l /tmp/did.*)"
is "$(awk '$2 == 0 && $1 != "stuck" && $1 != "killed" { print $1 }' /tmp/deeds)" "" "each thing was done"
is "$(cd /tmp && ls did.*)" "did.bus_removed
did.module_reloaded
did.region_removed
did.stock_took_it" "and what is below went away"

# In the end everything works, and nothing is held
[ -d "$acpi/$bus_device" ] || must write "$bus_device" $acpi/bind
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
