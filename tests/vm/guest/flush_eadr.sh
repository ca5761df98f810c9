# Where a power cut leaves the CPU's caches as they are (eADR), none is written back.
# guest: machine=q35,nvdimm=on,nvdimm-persistence=cpu
# guest: nvdimm=512M
. ./lib.sh
plan 3

ns=namespace0.0
must load_stock
must modprobe pmem_altmap
. ./flush_lib.sh
must devdax_create $ns
must ndctl disable-namespace $ns
must attach $ns
is "$(cat $bus/devices/region0/persistence_domain)" cpu_cache "the caches are safe"
written_back $ns >/dev/null
is "$(daxflush /dev/$ns 0x1000000 sync store:0 fsync | tr '\n' ' ')$(written_back $ns)" \
	"map: ok fsync: ok 0-0 0" "fsync() writes nothing back"
try "detaches" detach $ns
