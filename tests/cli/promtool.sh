#!/bin/bash
# promtool.sh: print the path of promtool. Debian has it in a package with the server
# and a web page's fonts: that is unpacked into the cache, not installed.
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

if command -v promtool >/dev/null; then
	command -v promtool
	exit
fi
tool=$cache/promtool/usr/bin/promtool
if [ ! -x "$tool" ]; then
	mkdir -p "$cache"
	exec 9>"$cache/lock-promtool"
	flock 9
	work=$(mktemp -d "$cache/promtool.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	chmod 755 "$work"
	say "unpacking Debian's promtool"
	(cd "$work" && apt-get download -qq prometheus >&2) ||
		die "cannot download the package prometheus: run 'apt-get update'"
	dpkg-deb -x "$work"/prometheus_*.deb "$work/root"
	rm -rf "$cache/promtool"
	mkdir -p "$cache/promtool/usr/bin"
	mv "$work/root/usr/bin/promtool" "$tool"
fi
echo "$tool"
