# shellcheck shell=bash
# For run.sh: what doctor says of other machines than this one. $dir, ctl() and has() are its.
# shellcheck disable=SC2154

# machine NAME RELEASE: a kernel that has what is needed, and the module for it
machine() {
	local root=$dir/$1 modules=$dir/$1/lib/modules/$2 option

	rm -rf "$root"
	mkdir -p "$root/proc/sys/kernel" "$root/boot" "$modules/updates" "$root/sys/kernel/security" \
		"$root/sys/firmware/efi/efivars"
	echo "$2" >"$root/proc/sys/kernel/osrelease"
	echo "# options" >"$root/boot/config-$2"
	for option in ZONE_DEVICE SPARSEMEM_VMEMMAP MEMORY_HOTREMOVE LIBNVDIMM FS_DAX DEBUG_FS \
		TRANSPARENT_HUGEPAGE; do
		echo "CONFIG_$option=y" >>"$root/boot/config-$2"
	done
	printf '%s\n' "updates/pmem_altmap_client.ko: updates/pmem_altmap.ko kernel/drivers/nvdimm/libnvdimm.ko" \
		"updates/pmem_altmap.ko: kernel/drivers/nvdimm/libnvdimm.ko" >"$modules/modules.dep"
	echo "another one" >"$modules/updates/pmem_altmap_client.ko"
	echo "not a real one" >"$modules/updates/pmem_altmap.ko"
}

# loaded NAME: the module is, in that machine
loaded() {
	mkdir -p "$dir/$1/sys/bus/nd/drivers/pmem_altmap" "$dir/$1/sys/module/pmem_altmap"
	touch "$dir/$1/sys/bus/nd/drivers/pmem_altmap/bind"
	echo OE >"$dir/$1/sys/module/pmem_altmap/taint"
}

# Whose signature counts is known to the kernel alone
doctors_locked() {
	local sysroot=$dir/locked module lockdown secure_boot

	machine locked 6.1.0-test
	module=$sysroot/lib/modules/6.1.0-test/updates/pmem_altmap.ko
	lockdown=$sysroot/sys/kernel/security/lockdown
	secure_boot=$sysroot/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
	ctl 0 doctor && has '^ok    kernel +6.1.0-test has all' '^ok    built .*updates/pmem_altmap.ko$' \
		'^ok    signed +this kernel asks for no signature; under lockdown' '^ok    lockdown ' \
		'^warn  loaded +no, attaching loads it: modprobe' || return
	printf '\6\0\0\0\1' >"$secure_boot"
	ctl 0 doctor && has '^ok    signed +.*though Secure Boot is on' || return
	echo 'none [integrity] confidentiality' >"$lockdown"
	ctl 1 doctor && has '^fail  signed +.*this one is not: sign it' '^warn  lockdown +integrity: ' &&
		ctl 1 doctor --json && has '"check":"signed"' || return
	printf '~Module signature appended~\n' >>"$module"
	ctl 0 doctor && has '^warn  signed +it has a signature; whether .* cannot be told .*enrol it' || return
	mv "$module" "$module.xz"
	sed -i 's/altmap\.ko:/altmap.ko.xz:/' "$sysroot/lib/modules/6.1.0-test/modules.dep"
	ctl 0 doctor && has '^warn  signed +.*is compressed: see .modinfo' || return
	rm "$sysroot/lib/modules/6.1.0-test/modules.dep"
	ctl 1 doctor && has '^fail  signed +.*there is none' '^fail  built ' || return
	loaded locked
	ctl 1 doctor && has '^ok    signed +the kernel has taken it, without a signature that it knows'
}

doctors_kernel() {
	local sysroot=$dir/kernels

	machine kernels 5.9.16-test
	ctl 1 doctor && has '^fail  kernel +5.9.16-test is not supported, it is older than 5.10: boot' || return
	loaded kernels
	ctl 1 doctor && has '^warn  kernel +5.9.16-test' || return
	machine kernels 10.0-test
	sed -i /ZONE_DEVICE/d "$sysroot/boot/config-10.0-test"
	ctl 1 doctor && has '^fail  kernel +10.0-test was built without CONFIG_ZONE_DEVICE' || return
	rm "$sysroot/boot/config-10.0-test"
	ctl 0 doctor && has '^warn  kernel +10.0-test: its options cannot be read'
}

doctors_missing() {
	local sysroot=$dir/missing

	machine missing 6.1.0-test
	loaded missing
	ctl 1 doctor && has '^fail  debugfs +.*is missing: mount -t debugfs' '^warn  stock +device-dax is not' || return
	# 5.10 has the one or the other
	mkdir "$sysroot/sys/bus/nd/drivers/dax_pmem_compat"
	ctl 1 doctor && has '^ok    stock ' || return
	mv "$sysroot/sys/bus/nd/drivers/"{dax_pmem_compat,dax_pmem}
	ctl 1 doctor && has '^ok    stock '
}
