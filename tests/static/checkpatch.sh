#!/bin/bash
# checkpatch.sh: print the path of the kernel's checkpatch.pl. Debian's header
# packages leave it out, so it is taken from the source package of this machine's
# suite.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

dir=$cache/checkpatch
if [ ! -e "$dir/checkpatch.pl" ]; then
	need perl=perl xz=xz-utils dpkg-deb=dpkg
	apt-cache show linux-source >/dev/null 2>&1 || apt-get update -qq >&2
	package=$(apt-cache depends linux-source |
		awk '$1 == "Depends:" { print $2; exit }')
	[ -n "$package" ] || die "apt knows no package linux-source"
	say "taking checkpatch from $package (140 MB to download)"
	rm -rf "$dir.new"
	mkdir -p "$dir.new"
	(cd "$dir.new" && apt-get download -qq "$package" >&2 2>/dev/null) ||
		die "cannot download $package"
	dpkg-deb --fsys-tarfile "$dir.new"/linux-source-*.deb |
		tar -xO --wildcards './usr/src/linux-source-*.tar.*' |
		tar -xJ -C "$dir.new" --strip-components=2 --wildcards \
			'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
			'*/scripts/const_structs.checkpatch'
	rm "$dir.new"/*.deb
	mv "$dir.new" "$dir"
fi
echo "$dir/checkpatch.pl"
