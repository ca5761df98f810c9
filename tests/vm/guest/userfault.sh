# The kernel leaves marks where nothing is mapped yet: userfaultfd since Linux 6.7 for any
# memory, which only shmem knows to resolve, and guard regions since 6.15. Touching a mark of
# the first is a bus error here, where the kernel would WARN or let a load fault for ever.
# The marks come before the fault, and in the middle of it.
# guest: nvdimm=64M
# guest: nvdimm=64M
# guest: smp=2
# guest: append=ibt=off
. ./lib.sh
plan 27

must load_nfit
must insmod /tests/modules/pma_hold.ko symbols="$(inserts)"
must modprobe pmem_altmap

# says NAME KERNELS WANT COMMAND...: what it says, but where all of this kernel's kind say
# that they do not know it
says() {
	s_name=$1
	s_old=$2
	s_want=$3
	shift 3
	try "$s_name" "$@"
	diag "$try_out"
	case $try_out in
	"not known to this kernel")
		uname -r | grep -qE "^($s_old)\."
		ok $? "$s_name: only older kernels do not know it"
		;;
	*) is "$(echo "$try_out" | paste -sd ' ')" "$s_want" "$s_name: as it should be" ;;
	esac
}

# The debug kernel has no CONFIG_MEM_SOFT_DIRTY
tracks=$([ -e /sys/kernel/debug/kmemleak ] && echo 0 || echo 1)
before_6_7='5\.[0-9]+|6\.[0-6]'
before_7_3='[56]\.[0-9]+|7\.[0-2]'
for ns in namespace0.0 namespace1.0; do
	must attach $ns
	align=$(cat $bus/devices/$ns/dax/$ns/align)
	if [ "$align" -eq 4096 ]; then
		mapped="load of what was mapped: ok store to what was mapped: ok"
		without="load without: ok store without: ok"
		store="held: 1 store meanwhile: Bus error"
		after="store without: ok"
	else
		# To mark it, the kernel splits what is mapped, and its page table stays
		mapped="load of what was mapped: Bus error store to what was mapped: Bus error"
		without="load without: Bus error store without: Bus error"
		store="store meanwhile: Bus error held: 0"
		after="store without: Bus error"
	fi
	marked="load of what was not: Bus error store to what was not: Bus error"
	says "$ns, align $align: userfaultfd" "$before_6_7" "store before: ok $mapped $marked $without" \
		daxwp /dev/$ns "$align"
	says "$ns, align $align: userfaultfd in the middle" "$before_6_7" \
		"$store $after held: 1 load meanwhile: Bus error $after" \
		daxwp /dev/$ns "$align" race
	told=$([ "$align" -eq 4096 ] || [ "$try_out" = "not known to this kernel" ] || echo told)
	is "$(dmesg | grep -q "$ns: .*: a store at .* is refused: userfaultfd protects writes there" && echo told)" \
		"$told" "$ns, align $align: a store that is refused is told of"
	says "$ns, align $align: a guard region in the middle" "$before_6_15" \
		"held: 1 store meanwhile: Segmentation fault $after held: 1 load meanwhile: Segmentation fault $after" \
		daxwp /dev/$ns "$align" guard
	# The kernel keeps it away from device memory. Where it does not any more, look at prepare_store()
	says "$ns, align $align: loads are tracked" "$before_7_3" \
		"store before: ok register: Invalid argument load of what was mapped: ok store to what was mapped: ok load of what was not: ok store to what was not: ok store afterwards: ok" \
		daxwp /dev/$ns "$align" rwp_async
	try "$ns, align $align: stores that were tracked" daxwp /dev/$ns "$align" tracked
	diag "$try_out"
	is "$(echo "$try_out" | grep -vE ': ok$|^dirty ')" \
		"$(uname -r | grep -qE "^($before_6_7)\." && echo "not known to this kernel")" "$ns, align $align: each of them works"
	is "$(echo "$try_out" | sed -n 's/^dirty //p' | paste -sd ' ')" "after clear_refs: 0 after a store: $tracks" \
		"$ns, align $align: and the first one was tracked, where the kernel does that"
	try "$ns: detaches" detach $ns
done
try "the module can be unloaded" rmmod pmem_altmap
must rmmod pma_hold
