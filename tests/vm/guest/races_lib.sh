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

# again SECONDS NAME COMMAND...: until stopped; how often it worked is counted. It rests twice
# as long as it takes, or a slow machine does nothing but that.
again() {
	a_pause=$1 a_name=$2
	shift 2
	while [ ! -e /tmp/stop ]; do
		sleep "$a_pause"
		a_began=$(now)
		"$@" >/dev/null 2>&1 && echo x >>"/tmp/did.$a_name"
		a_ended=$(now)
		a_until=$((a_ended + 2 * (a_ended - a_began)))
		while [ ! -e /tmp/stop ] && [ "$(now)" -lt "$a_until" ]; do
			sleep 1
		done
	done
}

now() {
	cut -d. -f1 /proc/uptime
}

# Who has opened a node is in its way
reload() {
	[ -e "$drv" ] || modprobe pmem_altmap
	for ns in $(spaces); do
		detach "$ns"
	done
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		rmmod pmem_altmap && modprobe pmem_altmap && return
		sleep 0.1
	done
	return 1
}

# ndctl takes seconds for that in a debug kernel, and a process a fifth of one
not_of_stock() {
	read -r holder <"$bus/devices/$1/holder" && [ -n "$holder" ] || return
	echo "$holder" >"$bus/drivers/dax_pmem/unbind"
	echo >"$bus/devices/$holder/namespace"
}

# The first driver says no, as the second one gets it; who attaches takes it away again, so
# that it is asked at once, and often
stock_takes_one() {
	ns=$(spaces | tail -n 1)
	for _ in $(seq 24); do
		echo "$ns" >"$drv/unbind"
		not_of_stock "$ns"
		echo "$ns" >"$bus/drivers/nd_pmem/bind"
		for _ in 1 2 3; do
			took=
			read -r took <"$bus/devices/$ns/holder"
			[ -z "$took" ] || [ ! -e "/sys/bus/dax/devices/$took" ] || break 2
			took=
			sleep 0.1
		done
	done
	settle 2>/dev/null
	not_of_stock "$ns"
	[ -n "$took" ]
}

# in_use NAMESPACES: a user has just touched one of them, or will in 30 s
in_use() {
	for _ in $(seq 300); do
		# shellcheck disable=SC2231 # a pattern
		for mark in /tmp/mapped.$1.*; do
			if [ -e "$mark" ]; then
				# To wait takes no CPU
				a_began=$(now)
				return
			fi
		done
		[ ! -e /tmp/stop ] || break
		sleep 0.1
	done
	a_began=$(now)
	return 1
}

# ndctl disables none where a namespace is attached, and says nothing of it with its status
region_goes() {
	region=$(cd "$bus/devices" && ls -d region* | shuf -n 1)
	in_use "namespace${region#region}" || return
	write "$region" "$bus/drivers/nd_region/unbind"
	region_rc=$?
	write "$region" "$bus/drivers/nd_region/bind"
	return $region_rc
}

# ndctl reads range_index, which nfit frees too early when its bus goes: the kernel's own
# matter, see docs/reliability.md
locked() {
	mkdir /tmp/lock 2>/dev/null || return
	"$@"
	locked_rc=$?
	rmdir /tmp/lock
	return $locked_rc
}

# With it go both regions
bus_rebinds() {
	write "$bus_device" "$bus_driver/unbind"
	bus_rc=$?
	write "$bus_device" "$bus_driver/bind" && return $bus_rc
}
bus_goes() {
	[ ! -e /tmp/lock ] && in_use 'namespace*' && locked bus_rebinds
}

again 2 module_reloaded reload &
again 3 stock_took_it locked stock_takes_one &
again 5 region_removed region_goes &
again 11 bus_removed bus_goes &

# few: what was not done often enough
often=$(((seconds + 59) / 60))
floor=$(((seconds + 299) / 300))
few() {
	awk -v floor=$often '!/^#/ { did[$1] += $2 }
		END {
			for (deed in did)
				if (did[deed] < floor && deed !~ /^(freed|stuck|killed|stopped|wrong|looked|found)$/)
					print deed "=" did[deed]
		}' /tmp/deeds
	for name in bus_removed module_reloaded region_removed stock_took_it; do
		touch "/tmp/did.$name"
		times=$(wc -l <"/tmp/did.$name")
		[ "$times" -ge "$floor" ] || echo "$name=$times"
	done
}

# Where that is slow, it all lasts up to three times as long
diag "seed $seed, $seconds s, $(grep -c ^processor /proc/cpuinfo) CPUs"
daxrace "$seconds" "$seed" >/tmp/deeds 2>&1
worked=$?
for more in $(seq 12); do
	if [ $worked -ne 0 ] || [ -z "$(few)" ]; then
		break
	fi
	diag "$((seconds / 6)) s more for want of $(few | tr '\n' ' ')" | tee /dev/kmsg
	daxrace $((seconds / 6)) $((seed + more)) >>/tmp/deeds 2>&1
	worked=$?
done
is $worked 0 "every worker comes to its end, none was killed"
touch /tmp/stop
wait
diag "$(grep -m 10 '^#' /tmp/deeds)"
awk '!/^#/ { did[$1] += $2 } END { for (deed in did) print deed, did[deed] }' /tmp/deeds >/tmp/all
diag "$(cat /tmp/all)"
diag "$(wc -l /tmp/did.*)"
is "$(few)" "" "each thing was done $often times or more, and what is below went away $floor times or more"

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
