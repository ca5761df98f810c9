# Everything at once, on two CPUs: attaching, detaching, quiescing, opening, mapping,
# faulting, forking, reading debugfs, unloading the module, taking the region and the bus
# away, and the stock driver; writers are stopped wherever they are.
# guest: when=debug
# guest: nvdimm=256M
# guest: nvdimm=256M
# guest: silence=600
. ./lib.sh
plan 14

. ./races_lib.sh
