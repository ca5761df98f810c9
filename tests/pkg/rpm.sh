#!/bin/bash
# rpm.sh DIR [VERSION]: build the RPM packages, source and binary, into DIR, from what git
# would take of this tree. Print the names of the binary ones.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

dir=$1
need rpmbuild=rpm gzip=gzip gcc=gcc make=make pkg-config=pkg-config /usr/include/stdio.h=libc6-dev \
	/usr/include/ndctl/libndctl.h=libndctl-dev /usr/include/daxctl/libdaxctl.h=libdaxctl-dev \
	/usr/include/json-c/json.h=libjson-c-dev /usr/include/uuid/uuid.h=uuid-dev \
	asciidoctor=asciidoctor
version=${2:-$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
stage=$build/pkg/rpm
name=pmem_altmap-$version
"$top/tests/pkg/stage.sh" "$stage/$name" "${2:-}"
rm -rf "$stage/top" "$dir"/pmem_altmap*.rpm
mkdir -p "$stage/top/SOURCES"
tar -C "$stage" --owner=0 --group=0 --sort=name -czf "$stage/top/SOURCES/$name.tar.gz" "$name"
# Debian's rpm knows of no package that is here (--nodeps), and has a script that compresses
# manual pages if /bin/sh is bash
for spec in "$stage/$name"/rpm/*.spec; do
	rpmbuild --nodeps --define "_topdir $stage/top" --define "_build_id_links none" \
		--define "__brp_compress /bin/bash %{_rpmconfigdir}/brp-compress" -ba "$spec" >"$stage/log" 2>&1 || {
		tail -n 30 "$stage/log" >&2
		die "rpmbuild failed for ${spec##*/}, its log is $stage/log"
	}
done
cp "$stage"/top/RPMS/*/*.rpm "$stage"/top/SRPMS/*.rpm "$dir/"
ls "$dir"/*.noarch.rpm "$dir"/*.x86_64.rpm
