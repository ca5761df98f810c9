#!/bin/bash
# accel.sh DIR: print kvm or tcg. A /dev/kvm that is there need not work: so a
# guest is booted once a boot of this machine, with a short time limit.
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

dir=$1
answer=$build/vm/accel-$(cat /proc/sys/kernel/random/boot_id)
if [ ! -e "$answer" ]; then
	rm -f "$build/vm/accel-"*
	if [ -w /dev/kvm ] && timeout 10 qemu-system-x86_64 -accel kvm -cpu host \
		-machine q35,nvdimm=on -m 512M,slots=1,maxmem=768G -nodefaults -display none -no-reboot -serial stdio \
		-kernel "$dir/vmlinuz" -append "console=ttyS0 panic=-1" \
		</dev/null 2>/dev/null | grep -q 'Kernel panic'; then
		echo kvm >"$answer.new"
	else
		echo tcg >"$answer.new"
	fi
	mv "$answer.new" "$answer"
	say "guests run under $(cat "$answer")"
fi
cat "$answer"
