# A range that overlaps System RAM, and one outside of what can be hot-added, are
# refused before they are touched. The firmware's tables lie about both.
# guest: cpu=phys-bits=48
# guest: append=no5lvl
# guest: machine=q35
# guest: qemu=-acpitable sig=SSDT,rev=1,oem_id=PMALTM,oem_table_id=PMALTMAP,data=@work@/ssdt
# guest: qemu=-acpitable sig=NFIT,rev=1,oem_id=PMALTM,oem_table_id=PMALTMAP,data=@work@/nfit
. ./lib.sh
plan 6

must modprobe nfit
must modprobe pmem_altmap

# refused ADDRESS ERROR TEXT NAME
refused() {
	ns=$(namespace_at "$1")
	log_mark
	attach "$ns"
	is "$errno" "$2" "$4: error"
	lines=$(log_since | grep "pmem_altmap $ns")
	is "$(echo "$lines" | wc -l) $(echo "$lines" | grep -c "$3")" "1 1" "$4: one line that says why"
	diag "$lines"
	is "$(ls $providers; grep -c "$ns" /proc/iomem)" 0 "$4: nothing is held"
}

refused 0x40000000 "Device or resource busy" "overlaps System RAM" "in System RAM"
refused 0x800000000000 "Numerical result out of range" "is outside of .*can hot-add" "beyond what can be added"
grep -iE 'System RAM|Persistent|namespace|region' /proc/iomem | sed 's/^/# /'
