# userfaultfd can protect any memory since Linux 6.7, and leaves marks where nothing is
# mapped yet, which only shmem knows to resolve. Touching them is a bus error here: the
# kernel would WARN, or let a load fault for ever.
# guest: nvdimm=64M
# guest: nvdimm=64M
. ./lib.sh
plan 6

must load_nfit
must modprobe pmem_altmap
for ns in namespace0.0 namespace1.0; do
	must attach $ns
	align=$(cat $bus/devices/$ns/dax/$ns/align)
	try "$ns, align $align: userfaultfd is tried" daxwp /dev/$ns "$align"
	out=$try_out
	diag "$out"
	case $out in
	"not known to this kernel")
		is "$(uname -r | sed -nE 's/^(5|6\.[0-6])\..*/old/p')" old "$ns: only kernels before 6.7 cannot do that"
		;;
	*)
		is "$(echo "$out" | grep -c 'what was not: Bus error')$(echo "$out" | grep -c Alarm)" 20 \
			"$ns: what is marked is a bus error, and no load goes on for ever"
		;;
	esac
	try "$ns: detaches" detach $ns
done
