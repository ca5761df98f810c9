#!/bin/bash
# check.sh PART...: run parts of the tests (build, unit, cli, fuzz, static, vm, packages,
# distro, and those of tests/debug/part.sh) and add them up.
# The last line is "N passed, N failed, N skipped".
set -u
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$top/tests/lib.sh"

lock_build
results=$build/results
mkdir -p "$results"
start=$(date +%s)
passed=0 failed=0 skipped=0

for part in "$@"; do
	say "$part"
	case $part in
	build) command=("$top/tests/build/run.sh") ;;
	unit) command=("$top/tests/unit/run.sh") ;;
	cli) command=("$top/tests/cli/run.sh") ;;
	fuzz) command=("$top/tests/fuzz/run.sh" "${FUZZ_SECONDS:-15}") ;;
	static) command=("$top/tests/static/run.sh") ;;
	vm) command=("$top/tests/vm/run.sh") ;;
	packages) command=("$top/tests/pkg/check.sh") ;;
	distro)
		# shellcheck disable=SC2206 # words
		command=("$top/tests/pkg/distro.sh" ${SUITE:-})
		;;
	# Those of 'make check-debug': each is long
	debug | races | executions | blocks | calls | power | rounds | coverage)
		command=("$top/tests/debug/part.sh" "$part")
		;;
	*) die "no part '$part': see the Makefile" ;;
	esac
	"${command[@]}" | tee "$results/$part.tap"
	status=${PIPESTATUS[0]}
	read -r p f s < <(tap_sum "$results/$part.tap")
	# A part that fails must not look as if it had not been there
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		echo "not ok - $part ended with status $status"
		f=1
	fi
	if [ "$p" -eq 0 ] && [ "$f" -eq 0 ]; then
		echo "not ok - $part ran no test"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

say "$(($(date +%s) - start)) s in all; logs are in $build"
for part in "$@"; do
	grep -a '^not ok' "$results/$part.tap" | sed "s/^/# /"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
