#!/bin/bash
# check.sh PART...: run parts of the tests (build, unit, cli, fuzz, static, vm, packages,
# distro, and those of tests/debug/part.sh) and add them up. The guests of vm run beside
# the other parts, which leave a core free. Before the end comes what took longest; the
# last line is "N passed, N failed, N skipped".
set -u
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$top/tests/lib.sh"

lock_build
results=$build/results
mkdir -p "$results"
start=$(date +%s)
passed=0 failed=0 skipped=0
: >"$build/times"

# run_part PART: its results are in results/PART.tap, and its status beside them
run_part() {
	local command began status

	say "$1"
	case $1 in
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
	*) command=("$top/tests/debug/part.sh" "$1") ;;
	esac
	began=$(date +%s)
	"${command[@]}" | tee "$results/$1.tap"
	status=${PIPESTATUS[0]}
	echo "$status" >"$results/$1.status"
	echo "$(($(date +%s) - began)) $1" >>"$results/seconds"
	say "$1 is done"
}

for part in "$@"; do
	case $part in
	build | unit | cli | fuzz | static | vm | packages | distro) ;;
	debug | races | executions | blocks | calls | power | rounds | coverage) ;;
	*) die "no part '$part': see the Makefile" ;;
	esac
	rm -f "$results/$part.tap" "$results/$part.status"
done
: >"$results/seconds"

# In a process group of their own, which an interrupted run takes along
guests=
case " $* " in
" vm ") ;;
*" vm "*)
	set -m
	run_part vm </dev/null &
	guests=$!
	set +m
	trap 'kill -- -"$guests" 2>/dev/null' EXIT
	;;
esac
for part in "$@"; do
	[ -n "$guests" ] && [ "$part" = vm ] && continue
	# Its guests would be too many
	[ -n "$guests" ] && [ "$part" = distro ] && wait "$guests"
	run_part "$part"
done
[ -z "$guests" ] || wait "$guests"
trap - EXIT

for part in "$@"; do
	status=$(cat "$results/$part.status" 2>/dev/null || echo unknown)
	read -r p f s < <(tap_sum "$results/$part.tap")
	# A part that fails must not look as if it had not been there
	if [ "$status" != 0 ] && [ "$f" -eq 0 ]; then
		echo "not ok - $part ended with status $status"
		f=1
	fi
	if [ "$p" -eq 0 ] && [ "$f" -eq 0 ]; then
		echo "not ok - $part ran no test"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

say "logs are in $build"
echo "# The ten slowest pieces, in seconds:"
sort -rn "$build/times" | head -n 10 | sed 's/^/# /'
echo "# $(($(date +%s) - start)) s in all; of these, beside one another:$(
	while read -r seconds part; do
		printf ' %s %s' "$part" "$seconds"
	done <"$results/seconds"
)"
for part in "$@"; do
	grep -a '^not ok' "$results/$part.tap" | sed "s/^/# /"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
