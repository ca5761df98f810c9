#!/bin/bash
# part.sh PART: a part of 'make check-debug', with its numbers. Prints KTAP.
#   debug       every guest test in the debug kernel, and those that are for it alone
#   races       everything at once in it, half an hour or more each on 2 and on 4 CPUs
#   executions  ten million of each fuzzer
#   blocks      10,000 info blocks of all kinds, attached by a stock kernel
#   calls       the fuzzers of sysfs and of the node, in the debug kernel
#   power       QEMU is killed 200 times
#   rounds      attaching and detaching for hours, ours and the stock driver
#   coverage    what all guests of the debug kernel have reached of src/; to be the last one
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

# vm KERNEL TEST FACTOR PARAMETERS: guest tests, with more time
vm() {
	KERNEL=$1 TEST=$2 PMA_TIMEOUT_FACTOR=$(($3 * ${PMA_TIMEOUT_FACTOR:-1})) \
		PMA_APPEND="$4 ${PMA_APPEND:-}" exec "$top/tests/vm/run.sh"
}

stock=6.1
debug=${KERNEL:-6.12-debug}
[ "$(awk -v k="$debug" '$1 == k { print $5 }' "$top/tests/vm/kernels")" = debug ] ||
	die "'$debug' is no debug kernel: see 'make list-kernels'"
case $1 in
debug) vm "$debug" "${TEST:-}" 1 "" ;;
races) vm "$debug" "${TEST:-races races4}" 4 pma_seconds=1800 ;;
executions) FUZZ_RUNS=10000000 exec "$top/tests/fuzz/run.sh" 1 ;;
blocks) vm $stock fuzz_blocks 20 pma_rounds=10000 ;;
calls) vm "$debug" "fuzz_sysfs fuzz_node" 6 pma_rounds=20000 ;;
power) KERNEL=$stock exec "$top/tests/debug/power.sh" 200 ;;
rounds) exec "$top/tests/debug/rounds.sh" ;;
coverage) exec "$top/tests/debug/coverage.sh" ;;
*) die "no part '$1': see the head of $0" ;;
esac
