# shellcheck shell=bash
# For run.sh: what list, metrics and monitor make of the module's files. $tool, $dir, ctl() and
# has() are its.
# shellcheck disable=SC2154

lists() {
	local sysroot=$dir/root

	ctl 0 list && has '"namespace":"namespace0.0"' '"memmap_device":134217728' \
		'"chardev":"/dev/namespace0.0"' && ! has '"pinned"' >/dev/null &&
		ctl 0 list -v && has '"pinned":512' &&
		ctl 0 list -u && has '"size":"8.00 GiB \(8.59 GB\)"' '"start":"0x100000000"' &&
		ctl 0 list -A && has '"driver":"nd_pmem"' '"altmaps"' && ! has '"private"' '"providers"' >/dev/null &&
		ctl 0 list -PAMu && has '"providers"' '"private"' '"unknown"' '"memmap_dram":"4.00 MiB \(4.19 MB\)"' &&
		ctl 0 list -n namespace0.0 && ! has '"chardev"' >/dev/null
}

# What the kernel has kept is shown where there is any, and is a failure
kept_ranges() {
	local sysroot=$dir/kept file

	cp -r "$dir/root" "$dir/kept"
	file=$dir/kept/sys/kernel/debug/pmem_altmap/kept
	ctl 0 list && ! has '"kept"' >/dev/null && ctl 0 metrics && has '^pmem_altmap_kept_ranges 0$' || return
	: >"$file"
	ctl 0 list && ! has '"kept"' >/dev/null && ctl 0 doctor && has '^ok    kept ' || return
	printf '{"start":4294967296,"size":8589934592,"device":"namespace9.0","alloc":512,"failed":"add","new":[1]}\n' >"$file"
	printf '{"start":0,"size":2097152,"device":"a\\"b","alloc":0,"failed":"remove"}\n' >>"$file"
	ctl 0 list -u && has '"kept"' '"device":"namespace9.0"' '"size":"8.00 GiB' '"failed":"remove"' &&
		ctl 1 doctor && has '^fail  kept +the kernel has kept a part of 2 ranges, of namespace9.0 \(512 altmap pages\) and others: do not use it' &&
		ctl 0 metrics && has '^pmem_altmap_kept_ranges 2$' '^pmem_altmap_kept_bytes 2097152$' || return
	echo '{"start":-1}' >"$file"
	ctl 1 list && has 'has a line that altmapctl cannot read' && ctl 1 metrics && ctl 0 doctor && has '^warn  kept '
}

# The kernel's own count, which takes what is on devices for DRAM, beside the true ones
totals() {
	local sysroot=$dir/root

	ctl 0 list -A && tr -d ' \n' <"$dir/out/last" >"$dir/out/flat" &&
		grep -qF '"totals":{"memmap_device":167772160,"memmap_dram":6291456,"vmstat_memmap":171966464}' "$dir/out/flat" &&
		ctl 0 list -A -n namespace7.0 && has '"vmstat_memmap":171966464' &&
		ctl 0 list -Au && has '"vmstat_memmap":"164.00 MiB \(171.97 MB\)"' &&
		ctl 0 metrics && has '^pmem_altmap_system_vmstat_memmap_bytes 171966464$' || return
	cp -r "$dir/root" "$dir/vmstat"
	sed -i /nr_memmap_pages/d "$dir/vmstat/proc/vmstat"
	sysroot=$dir/vmstat
	ctl 0 list -A && has '"memmap_dram":6291456' && ! has vmstat >/dev/null &&
		ctl 0 metrics && ! has vmstat >/dev/null
}

# What another module added is no namespace: it is seen, and left alone
others() {
	local sysroot=$dir/root files=sys/kernel/debug/pmem_altmap/providers

	ctl 0 list && has '"device":"pmem_altmap_client.0"' '"users":2' &&
		[ "$(grep -c '"chardev"' "$dir/out/last")" -eq 1 ] &&
		ctl 0 metrics && has '^pmem_altmap_alloc_bytes\{namespace="pmem_altmap_client.0"\} 16777216$' \
		'^pmem_altmap_users\{namespace="pmem_altmap_client.0"\} 2$' &&
		ctl 2 detach pmem_altmap_client.0 &&
		has 'pmem_altmap_client.0 is no namespace: another module added it, and only that' &&
		ctl 2 detach --force pmem_altmap_client.0 && ctl 2 attach pmem_altmap_client.0 &&
		ctl 3 attach pmem_altmap_client.1 && ctl 3 attach ../providers/namespace0.0 || return
	ctl 0 monitor --present -n 2
	has '"provider":\{"device":"pmem_altmap_client.0"' || return
	cp -r "$dir/root" "$dir/names"
	mv "$dir/names/$files/"{pmem_altmap_client.0,'a"b\c of a name that is longer than any namespace has one'}
	sysroot=$dir/names
	ctl 0 list && has 'of a name that is longer than any namespace has one"' && ctl 0 metrics -v &&
		has 'namespace="a\\"b\\\\c of a' '_pinned_bytes.*longer.* 0$' &&
		"$(tests/cli/promtool.sh)" check metrics <"$dir/out/last"
}

# libpmem2 wants the node below the idle dax device that claims the namespace
nodes() {
	local sysroot=$dir/pmem2 nd=$dir/pmem2/sys/bus/nd/devices

	cp -r "$dir/root" "$dir/pmem2"
	mkdir -p "$nd/dax0.1"
	mv "$nd/namespace0.0/dax" "$nd/dax0.1/dax"
	mv "$nd/dax0.1/dax/"{namespace0.0,dax0.0}
	echo dax0.1 >"$nd/namespace0.0/holder"
	ctl 0 list && has '"chardev":"/dev/dax0.0"' || return
	rm -r "$nd/dax0.1"
	ctl 0 list && has '"namespace":"namespace0.0"' && ! has '"chardev"' >/dev/null
}

metrics() {
	local sysroot=$dir/root

	ctl 0 metrics -v && has '^pmem_altmap_alloc_bytes\{namespace="namespace0.0"\} 134217728$' \
		'^pmem_altmap_attach_seconds\{namespace="namespace0.0"\} 0.217512560$' \
		'^pmem_altmap_pinned_bytes.* 2097152$' '_memmap_bytes\{location="dram"\} 6291456$' &&
		"$(tests/cli/promtool.sh)" check metrics <"$dir/out/last" &&
		sysroot=$dir/none ctl 0 metrics && has '^pmem_altmap_loaded 0$' &&
		"$(tests/cli/promtool.sh)" check metrics <"$dir/out/last"
}

into_file() {
	local sysroot=$dir/root

	ctl 0 metrics -o "$dir/textfile.prom" && grep -q '^pmem_altmap_providers 2$' "$dir/textfile.prom" &&
		[ "$(stat -c %a "$dir/textfile.prom")" = 644 ] &&
		[ "$(echo "$dir"/textfile.prom*)" = "$dir/textfile.prom" ] &&
		ctl 1 metrics -o "$dir/no/folder" && has 'cannot write'
}

# What is there is printed, and what cannot be watched is left out
monitors() {
	local sysroot=$dir/root

	ctl 0 monitor --present -n 5
	has '"event":"present","provider":\{"namespace":"namespace0.0"' '"owner":"namespace1.0"' || return
	! has '"owner":"pmem_altmap_client.0"' >/dev/null || return
	sed 's/^/monitor /' "$dir/out/last" | tests/cli/schema.py docs/altmapctl.schema.json &&
		[ "$(wc -l <"$dir/out/last")" -eq 5 ]
}

# soon COMMAND...: it is so within 10 seconds
soon() {
	for _ in {1..100}; do
		"$@" && return
		sleep 0.1
	done
	echo "not within 10 s: $*"
	return 1
}

# Files that are gone while the driver is there are no removes: debugfs is not mounted
blind() {
	local sysroot=$dir/blind debugfs=$dir/blind/sys/kernel/debug pid rc=0

	cp -r "$dir/root" "$dir/blind"
	ALTMAPCTL_SYSROOT=$sysroot "$tool" monitor -p >"$dir/out/blind" 2>"$dir/out/blind.err" &
	pid=$!
	soon grep -q unknown "$dir/out/blind" && mv "$debugfs" "$debugfs.not" &&
		soon grep -q 'nothing is seen until .mount' "$dir/out/blind.err" &&
		mv "$debugfs.not" "$debugfs" && rm -r "$debugfs/pmem_altmap/providers/namespace0.0" &&
		soon grep -q '"remove","provider":{"namespace"' "$dir/out/blind" &&
		mv "$debugfs" "$debugfs.not" && rm -r "$dir/blind/sys/bus/nd/drivers" &&
		soon grep -q '"remove","provider":{"device"' "$dir/out/blind" || rc=1
	kill "$pid"
	wait "$pid"
	cat "$dir/out/blind" "$dir/out/blind.err"
	[ "$rc" -eq 0 ] && [ "$(grep -c present "$dir/out/blind")" -eq 5 ] &&
		[ "$(wc -l <"$dir/out/blind.err")" -eq 1 ] || return
	mkdir -p "$dir/blind/sys/bus/nd/drivers/pmem_altmap"
	touch "$dir/blind/sys/bus/nd/drivers/pmem_altmap/bind"
	ctl 5 monitor && has 'it has no files in debugfs: run .mount -t debugfs' && ctl 5 list && ctl 5 metrics
}

# An older module has no list of all altmaps, and a broken line is named
other_modules() {
	local sysroot=$dir/old files=$dir/old/sys/kernel/debug/pmem_altmap

	cp -r "$dir/root" "$dir/old"
	rm "$files/"{altmaps_json,summary} "$files/providers/"*/users
	ctl 5 list -A && has 'does not know all altmaps' && ctl 0 list && ! has '"users"' >/dev/null &&
		ctl 0 metrics && ! has _users >/dev/null || return
	echo '{"start":1}' >"$files/altmaps_json"
	ctl 1 list -A && has "altmaps_json: line 1: 'altmap' is missing"
	echo many >"$files/providers/namespace0.0/alloc"
	ctl 1 list && has 'cannot read the counters of namespace0.0: Bad message'
}
