#!/bin/bash
# rpm.sh DIR [VERSION]: build the RPM packages, source and binary, into DIR, from what git
# would take of this tree. Print the names of the binary ones.
set -eu -o pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib.sh"

dir=$1
need rpmbuild=rpm gzip=gzip
version=${2:-$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
stage=$build/pkg/rpm
name=pmem_altmap-$version
"$top/tests/pkg/stage.sh" "$stage/$name" "${2:-}"
rm -rf "$stage/top" "$dir"/pmem_altmap*.rpm
mkdir -p "$stage/top/SOURCES"
tar -C "$stage" --owner=0 --group=0 --sort=name -czf "$stage/top/SOURCES/$name.tar.gz" "$name"
rpmbuild --define "_topdir $stage/top" --define "_build_id_links none" \
	-ba "$stage/$name/rpm/pmem_altmap-dkms.spec" >"$stage/log" 2>&1 || {
	tail -n 30 "$stage/log" >&2
	die "rpmbuild failed, its log is $stage/log"
}
cp "$stage"/top/RPMS/noarch/*.rpm "$stage"/top/SRPMS/*.rpm "$dir/"
ls "$dir"/*.noarch.rpm
