#!/bin/bash
# suite-deb.sh SUITE DIR VERSION...: build the Debian packages as VERSION in a copy of the
# suite's root, with what apt finds there for their Build-Depends, into DIR/VERSION. What is
# compiled so can be installed in that suite. PMA_KEEP=1 keeps the root.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"
. "$top/tests/pkg/chroot.sh"

suite=$1
dir=$2
shift 2
log=$build/pkg/$suite-build.log
copy_root "$suite" "$build/pkg/$suite-build"
for version; do
	"$top/tests/pkg/stage.sh" "$root/root/$version/tree" "$version"
done
build_all() {
	inside apt-get update -q || say "apt-get update failed in $suite"
	for version; do
		inside apt-get build-dep -y -q --no-install-recommends "/root/$version/tree" || return
		inside sh -ec "cd /root/$version/tree && dpkg-buildpackage -us -uc -ui -b" || return
	done
}

build_all "$@" >"$log" 2>&1 || {
	tail -n 30 "$log" >&2
	die "the packages cannot be built in $suite, the log is $log"
}
for version; do
	rm -rf "${dir:?}/$version"
	mkdir -p "$dir/$version"
	cp "$root/root/$version/"*.deb "$dir/$version/"
done
[ -n "${PMA_KEEP:-}" ] || rm -rf "$root"
ls "$dir"/*/*.deb
