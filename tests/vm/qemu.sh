# shellcheck shell=bash
# The emulated machine of a guest, and what its kernel may never say. Sourced with lib.sh,
# by guest.sh and by tests that boot in their own way.

# shellcheck disable=SC2154,SC2034

# qemu_debug: a debug kernel gets 1 GiB of RAM more for its shadow. Changes mem and append.
qemu_debug() {
	[ -e "$dir/debug" ] || return 0
	mem=$((${mem%G} + 1))G
	append="kasan_multi_shot $append"
	# Since 6.18 a cache's sheaf keeps a pointer to what it gave out last: kmemleak would
	# take that for a use of it. Checked caches have no sheaves.
	case $(cat "$dir/release") in
	6.12.*) ;;
	*) append="slab_debug=F $append" ;;
	esac
}

# qemu_options: set options, QEMU's command line, from dir, test, log, mem, append, and
# if they are set, from cpu, machine, smp, kaslr and extra
qemu_options() {
	local accel=${PMA_ACCEL:-$("$top/tests/vm/accel.sh" "$dir")}

	# The host's CPU is as it is
	[ -z "${cpu:-}" ] || accel=tcg
	# A kernel that is started without its unpacking code has no KASLR
	local kernel_image=$dir/vmlinuz
	[ -z "${kaslr:-}" ] || kernel_image=$dir/root/.vmlinuz
	# The kernel's tests of its own ciphers are a tenth of a boot. The first option is for
	# qemu_nvdimm()
	options=(
		-m "$mem" -machine "${machine:-q35,nvdimm=on}"
		-display none -vga none -net none -no-reboot -nodefaults
		-kernel "$kernel_image" -initrd "$dir/initrd${extra:+-$extra}"
		-append "console=ttyS0 panic=-1 printk.devkmsg=on cryptomgr.notests pma_test=$test $append ${PMA_APPEND:-}"
		-serial "file:$log/console" -serial stdio -serial "file:$log/gcda.base64" -monitor none
	)
	case $accel in
	kvm) options+=(-smp "${smp:-2}" -accel kvm -cpu host) ;;
	icount) options+=(-smp 1 -accel tcg -icount "shift=0,sleep=off" -cpu "max,${cpu:-phys-bits=46}") ;;
	*) options+=(-smp "${smp:-2}" -accel "tcg,thread=multi" -cpu "max,${cpu:-phys-bits=46}") ;;
	esac
}

# qemu_nvdimm N FILE SIZE [PROPERTIES]: the next emulated device, in that file. Each slot
# costs a debug kernel half a second of ACPI tables, so there is none to spare.
qemu_nvdimm() {
	truncate -s "$3" "$2"
	options[1]=$mem,slots=$(($1 + 1)),maxmem=768G
	options+=(
		-object "memory-backend-file,id=mem$1,share=on,mem-path=$2,size=$3"
		-device "nvdimm,id=nv$1,memdev=mem$1${4:+,$4}"
	)
}

# kernel_complains CONSOLE KNOWN: print what may never be in a kernel's log, but where a
# test shows how the stock driver fails, and but for the patterns in the file KNOWN
kernel_complains() {
	local bad

	bad='WARNING:|\bBUG\b|\bOops|Call Trace|general protection|Kernel panic|soft lockup'
	bad+='|blocked for more than|rcu.*stall|failed to free all reserved pages'
	bad+='|invalid altmap|Bad page|Unable to handle|UBSAN|KASAN|possible .*deadlock'
	bad+='|ODEBUG|(list_add|list_del) corruption|inconsistent lock state|suspicious RCU'
	bad+='|page dumped because|hung task|refcount_t:|invalid opcode|pagealloc: '
	bad+='|INFO: trying to register non-static key|the kernel kept [0-9]* altmap pages'
	bad+='|Kernel memory leak detector disabled|Memory pool empty'
	# These have a trace at the most, which a test may allow
	bad+='|Trying to free nonexistent resource|debugfs: .* already (present|exists)|freeing invalid memtype'
	bad+='|cannot create duplicate filename|tried to init an initialized object'
	bad+='|: bad p[gum4]d '
	# What announces a pattern is no complaint, and an empty pattern would hide all of them
	sed '/pma-stock-begin/,/pma-stock-end/d; /pma-kernel-bug /d' "$1" |
		grep -aE "$bad" | grep -avf <(grep . "$2")
}
