#!/bin/bash
# limits.sh: whether watch.sh ends a guest that hangs, and none that is only slow. The guests
# are boot sectors of a few bytes, which live for seconds. Prints TAP.
set -u
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"
. "$top/tests/vm/watch.sh"

work=$build/vm/limits
rm -rf "$work"
mkdir -p "$work"
n=0
failed=0
silence=3 boot=4 idle=4 most=100000

say_dot='\xba\xf8\x02\xb0\x2e\xee'	# mov dx,0x2f8; mov al,'.'; out dx,al: a word on the second port
halt='\xfa\xf4\xeb\xfd'			# cli; hlt; and again
spin='\xeb\xfe'				# jmp to itself
long='\x66\xb9\x00\x00\x00\x0c\x67\xe2\xfd'	# 200 million rounds of nothing
again='\xeb\xf2'			# jmp to "mov al" before $long
babble='\xee\xeb\xfd'			# out dx,al; and again

# machine NAME CODE: boot it and watch over it; $qemu is its process
machine() {
	local log=$work/$1

	mkdir "$log"
	touch "$log/console" "$log/output" "$log/gcda.base64"
	printf '%b' "$2" >"$log/disk"
	truncate -s 510 "$log/disk"
	printf '\x55\xaa' >>"$log/disk"
	qemu-system-x86_64 -accel tcg -m 16M -nodefaults -display none -no-reboot \
		-drive "file=$log/disk,format=raw" -serial "file:$log/console" \
		-serial "file:$log/output" -serial null -monitor none </dev/null >"$log/qemu" 2>&1 &
	qemu=$!
	watch_guest $qemu "$log" >/dev/null 2>&1 &
}

# ended NAME PATTERN: it was, for that reason, and boots again if it had not come to its init
ended() {
	cat "$work/$1/"{qemu,stopped}
	grep -q "$2" "$work/$1/stopped"
}
not_booted() {
	ended "$1" "^nothing came .*$2" && [ -e "$work/$1/stood-still" ]
}
hung() {
	ended "$1" "^after its init nothing came .*$2" && [ ! -e "$work/$1/stood-still" ]
}

# goes_on NAME PID: it lives, has gone on, and nothing was said of it
goes_on() {
	local words

	words=$(stat -c %s "$work/$1/output")
	cat "$work/$1/"{qemu,stopped}
	for _ in $(seq 60); do
		[ "$(stat -c %s "$work/$1/output")" -eq "$words" ] || break
		sleep 0.5
	done
	look_at "$2" && [ "$(stat -c %s "$work/$1/output")" -gt "$words" ] && [ ! -e "$work/$1/stopped" ]
}

log=$work/log
machine unbooted_idle "$halt"
machine unbooted_spinning "$spin"
machine idle "$say_dot$halt"
machine spinning "$say_dot$spin"
machine babbling "$say_dot$babble"
machine slow "$say_dot$long$again"
slow=$qemu
machine starved "$say_dot$long$again"
starved=$qemu
# A tenth of a CPU, as on a machine with much else to do
(
	while kill -STOP "$starved" && sleep 0.9 && kill -CONT "$starved"; do
		sleep 0.1
	done
) 2>/dev/null &
starver=$!
machine stopped "$say_dot$long$again"
stopped=$qemu
(sleep 2; kill -STOP "$stopped"; sleep 10; kill -CONT "$stopped") &

# Those that are to be ended are the clock for the others
for name in unbooted_idle unbooted_spinning idle spinning babbling; do
	for _ in $(seq 600); do
		[ ! -e "$work/$name/stopped" ] || break
		sleep 0.5
	done
done
sleep 8
check "a boot in which nothing happens is ended" not_booted unbooted_idle "nothing to do"
check "a boot that spins is ended" not_booted unbooted_spinning "CPU time"
check "a guest that says nothing and does nothing is ended" hung idle "nothing to do"
check "a guest that spins and says nothing is ended" hung spinning "CPU time"
check "a guest that does not stop talking is ended" ended babbling "has said more"
check "a guest that says something now and then is not" goes_on slow "$slow"
check "nor is one that hardly gets a CPU" goes_on starved "$starved"
check "nor is one that was stopped for a while" goes_on stopped "$stopped"
kill $starver 2>/dev/null
kill -CONT "$slow" "$starved" "$stopped"
kill "$slow" "$starved" "$stopped"
wait
echo "1..$n"
[ "$failed" -eq 0 ]
