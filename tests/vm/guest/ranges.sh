# A range that overlaps System RAM, and one outside of what can be hot-added, are
# refused before they are touched. The firmware's tables lie about both.
# guest: stock=none
# guest: cpu=phys-bits=48
# guest: append=no5lvl nokaslr
# guest: machine=q35
# guest: qemu=-acpitable sig=SSDT,rev=1,oem_id=PMALTM,oem_table_id=PMALTMAP,data=@work@/ssdt
# guest: qemu=-acpitable sig=NFIT,rev=1,oem_id=PMALTM,oem_table_id=PMALTMAP,data=@work@/nfit
. ./lib.sh
plan 6

must load_nfit
must modprobe pmem_altmap

refused "in System RAM" "$(namespace_at 0x40000000)" "Device or resource busy" "overlaps System RAM"
refused "beyond what can be added" "$(namespace_at 0x800000000000)" "Numerical result out of range" "is outside of .*can hot-add"
grep -iE 'System RAM|Persistent|namespace|region' /proc/iomem | sed 's/^/# /'
