# As races, on four CPUs.
# guest: when=debug
# guest: smp=4
# guest: nvdimm=256M
# guest: nvdimm=256M
# guest: silence=600
. ./lib.sh
plan 14

. ./races_lib.sh
