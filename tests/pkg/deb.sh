#!/bin/bash
# deb.sh DIR [VERSION]: build the Debian packages, source and binary, into DIR, from what
# git would take of this tree. Print the names of the binary ones.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

dir=$1
need dpkg-buildpackage=dpkg-dev dh=debhelper fakeroot=fakeroot xz=xz-utils \
	/usr/share/build-essential/essential-packages-list=build-essential pkg-config=pkg-config \
	/usr/include/ndctl/libndctl.h=libndctl-dev /usr/include/daxctl/libdaxctl.h=libdaxctl-dev \
	/usr/include/json-c/json.h=libjson-c-dev /usr/include/uuid/uuid.h=uuid-dev \
	asciidoctor=asciidoctor
# Debian 11 has it in dkms itself
(need dh_dkms=dh-dkms) 2>/dev/null || need dh_dkms=dkms
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
stage=$build/pkg/deb
"$top/tests/pkg/stage.sh" "$stage/tree" "${2:-}"
rm -f "$stage"/*.* "$dir"/pmem-altmap*.{deb,dsc,changes,buildinfo,tar.*}
cd "$stage/tree"
dpkg-buildpackage -us -uc -ui >"$stage/log" 2>&1 || {
	tail -n 30 "$stage/log" >&2
	die "dpkg-buildpackage failed, its log is $stage/log"
}
cp "$stage"/pmem-altmap*.* "$dir/"
ls "$dir"/*.deb
