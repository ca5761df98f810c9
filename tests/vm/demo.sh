#!/bin/bash
# demo.sh [KERNEL]: boot a stock kernel in a guest with emulated NVDIMMs and show
# the main job. Needs Debian and root, touches nothing of this machine but packages.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

kernel=${1:-6.1}
need qemu-system-x86_64=qemu-system-x86
lock_build
say "building the module for stock kernel $kernel"
"$top/tests/vm/build.sh" "$kernel" >/dev/null
say "booting the guest (under emulation this takes a while)"
status=0
: >"$build/demo.stream"
"$top/tests/vm/guest.sh" "$kernel" demo >"$build/demo.stream" 2>&1 &
guest=$!
# Show the guest's words as they come, without the test runner's
tail -n +1 -f --pid=$guest "$build/demo.stream" | grep --line-buffered -avE '^(ok|not ok|#) ' || :
wait $guest || status=$?
if [ $status -ne 0 ]; then
	grep -aE '^(not ok|#) ' "$build/demo.stream" || :
	die "the demo failed, its logs are in $build/vm/$kernel/log/demo"
fi
