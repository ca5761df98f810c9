#!/bin/bash
# coverage.sh: the coverage of src/ by the debug kernel's guests that have run since the
# sources changed last, and by the unit tests, which it runs. Prints KTAP and the report.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

need python3=python3 gcc=gcc
out=$build/coverage/$("$top/tests/debug/sources.sh")
mkdir -p "$out"
PMA_BUILD=$build/coverage/unit PMA_COVERAGE=1 "$top/tests/unit/run.sh" >"$out/unit.tap"
(cd "$build/coverage/unit/unit" &&
	gcov --branch-probabilities --json-format --stdout ./*.gcda) >"$out/unit.json"
exec python3 "$top/tests/debug/coverage.py" "$top" "$top/tests/debug/gaps" "$out"/*.json
