#!/bin/bash
# run.sh: altmapctl on this machine: its pure parts under sanitizers, what it prints
# against its schema, its exit statuses, and its documents. Prints TAP.
set -u
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"
. "$top/tests/cli/documents.sh"
. "$top/tests/cli/machines.sh"
. "$top/tests/cli/providers.sh"
. "$top/tests/cli/standard.sh"
cd "$top" || exit 1

need gcc=gcc make=make pkg-config=pkg-config /usr/include/stdio.h=libc6-dev \
	/usr/include/cmocka.h=libcmocka-dev /usr/include/ndctl/libndctl.h=libndctl-dev \
	/usr/include/daxctl/libdaxctl.h=libdaxctl-dev /usr/include/json-c/json.h=libjson-c-dev \
	/usr/include/uuid/uuid.h=uuid-dev asciidoctor=asciidoctor man=man-db systemd-analyze=systemd \
	/usr/lib/python3/dist-packages/jsonschema/__init__.py=python3-jsonschema

dir=$build/cli-tests
tool=$build/cli/altmapctl
log=$dir/log
rm -rf "$dir"
mkdir -p "$dir/out"
n=0
failed=0

sanitized="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all"

# All of altmapctl but main(), for the unit tests
builds_sanitized() {
	make -C cli O="$dir/sanitized" CFLAGS="$sanitized" &&
		find "$dir/sanitized" -name '*.o' ! -name main.o -exec ar rcs "$dir/altmapctl.a" {} +
}

unit() {
	# shellcheck disable=SC2046,SC2086 # words
	gcc -std=gnu11 -Wall -Wextra -Werror $sanitized -Icli -Isrc -Itests/unit -o "$dir/$1" \
		"tests/cli/test_$1.c" tests/unit/kernel_sim.c "$dir/altmapctl.a" \
		$(pkg-config --cflags --libs libndctl libdaxctl json-c uuid) -lcmocka -lutil -pthread &&
		CMOCKA_MESSAGE_OUTPUT=STDOUT "$dir/$1"
}

# ctl STATUS ARGUMENT...: its output is in $dir/out/last, its messages in .err. What is
# JSON must be as the schema says.
ctl() {
	local want=$1 rc=0

	shift
	ALTMAPCTL_SYSROOT=${sysroot:-} "$tool" "$@" >"$dir/out/last" 2>"$dir/out/last.err" || rc=$?
	cat "$dir/out/last.err"
	if [ "$rc" -ne "$want" ]; then
		echo "altmapctl $*: status $rc, not $want"
		return 1
	fi
	! grep -q '^{' "$dir/out/last" ||
		{ printf '%s ' "$1" && tr -d '\n' <"$dir/out/last" && echo; } |
		tests/cli/schema.py docs/altmapctl.schema.json
}

# has PATTERN...: the last output has them
has() {
	local pattern

	for pattern in "$@"; do
		grep -qE -- "$pattern" "$dir/out/last" "$dir/out/last.err" || {
			echo "no '$pattern' in:"
			cat "$dir/out/last" "$dir/out/last.err"
			return 1
		}
	done
}

# The numbers of test_plan.c and of the guest test attach, through the program
plans() {
	local sysroot=$dir/root

	ctl 0 plan 8G -s 8G && has '"alloc":32768' '"free":33278' '"align":510' \
		'"data_size":8453619712' '"memmap":134217728' '"rounding":2088960' '"dram_memmap":0' &&
		ctl 0 plan 8190M --start=8G && has '"alloc":32256' '"dram_memmap":2064384' \
		'multiple of 128.00 MiB' &&
		ctl 0 plan 12G --align 1G && has 'align of 1G leaves 1.00 GiB' &&
		ctl 0 plan 6T --dram 192G -u && has '"size":"6.00 TiB \(6.60 TB\)"' '--map=mem --align=1G' &&
		ctl 0 plan 16G -d 1T && has '"way":"stock --map=mem --align=4K"' &&
		ctl 0 plan 8G && has 'why.*% of 62.50 GiB' &&
		ctl 2 plan 2M && has '"error":"ENOSPC"' 'make the namespace larger' &&
		ctl 2 plan 8G -s 4097 && has '"error":"EINVAL"' &&
		ctl 2 plan 9000T && has '"error":"ERANGE"'
}

doctors() {
	local sysroot=$dir/root

	ctl 0 doctor && has '^ok    loaded +version 0.1.0' '^warn  headers .*install' &&
		ctl 0 doctor --json && has '"check":"lockdown"' &&
		sysroot=$dir/none ctl 1 doctor && has '^fail  loaded .*modprobe pmem_altmap' '^fail  built'
}

configurations() {
	local folder=$dir/conf

	mkdir "$folder"
	ctl 0 attach --all -c "$folder" && has "nothing to do: no file $folder/\*.conf has a section" &&
		ctl 1 attach --all -c "$folder/typo" && has "cannot read $folder/typo: No such file" &&
		ctl 0 attach --check-config namespace99.0 -c "$folder" || return
	printf '[attach a]\nnamespace = namespace99.0\n\0[attach a' >"$folder/a.conf"
	ctl 1 attach --all -c "$folder" && has "$folder/a.conf: byte 38 is a NUL" || return
	printf '\xef\xbb\xbf[attach a]\nnamespace = namespace99.0\n' >"$folder/a.conf"
	ctl 3 attach --all -c "$folder" && has 'no namespace here is namespace99.0'
}

statuses() {
	local sysroot=$dir/none

	ctl 129 && ctl 129 no-such-verb && has "no verb 'no-such-verb'" &&
		ctl 129 list -x && has "list: option -x is unknown" &&
		ctl 129 plan && ctl 129 plan '' && has "plan: '' is no name" && ctl 129 attach '' && ctl 129 detach '' &&
		ctl 129 list -n '' && ctl 129 metrics -o '' && ctl 129 attach --all -c '' && ctl 129 plan 1T 2T && ctl 129 plan 1T -a 3M && ctl 129 plan 99E && ctl 129 plan 10E &&
		ctl 129 plan 1T -s 0xffffffffffff0000 && has "too large" &&
		ctl 3 plan namespace99.0 && has '.namespace99.0. is neither a namespace' &&
		ctl 3 attach namespace99.0 && ctl 3 detach namespace99.0 &&
		ctl 129 attach && ctl 129 attach --all namespace0.0 && ctl 129 detach && configurations &&
		ctl 5 list && has 'is not loaded: run .modprobe pmem_altmap' && ctl 5 list -A &&
		ctl 0 --help && has 'attach +take a namespace' && ctl 0 version && has '^[0-9.]+$' &&
		ctl 0 --version && has '^[0-9.]+$' && ctl 0 plan --help && has '-a, --align=SIZE' &&
		ctl 0 version --help && has '^usage: altmapctl version' && ctl 129 version 2 &&
		ctl 0 help && has 'monitor +print' && ctl 0 help --help && has '^usage: altmapctl help \[VERB\]' &&
		ctl 129 help no-such-verb && ctl 129 help plan list && ctl 129 help -x
}

check "builds" make -C cli O="$build/cli"
check "builds with sanitizers" builds_sanitized
tests/cli/fixture.sh "$dir/root"
mkdir -p "$dir/none"
for source in tests/cli/test_*.c; do
	name=${source##*/test_}
	check "unit: ${name%.c}" unit "${name%.c}"
done
check "plan: numbers worked out by hand, as the schema says" plans
check "list: as the schema says, with units and without" lists
check "list and metrics: what memmap takes, and what the kernel claims" totals
check "list: the device node, wherever it is" nodes
check "what the kernel has kept" kept_ranges
check "what another module added" others
check "metrics: promtool is content" metrics
check "metrics: into a file, in one step" into_file
check "doctor: a line each, and as the schema says" doctors
check "doctor: lockdown, and a module with a signature and without" doctors_locked
check "doctor: a kernel that is too old" doctors_kernel
check "doctor: debugfs and the stock driver" doctors_missing
check "monitor: what is present, as the schema says" monitors
check "monitor: debugfs unmounted, and the module unloaded" blind
check "statuses are the documented ones" statuses
check "another module's files" other_modules
check "output that is lost is an error" lost_output
check "messages that are lost are an error" lost_messages
check "a file that is opened is no standard one" files_apart
check "a reader that has gone is an error" readers_gone
check_documents
echo "1..$n"
[ "$failed" -eq 0 ]
