# shellcheck shell=bash
# Sourced by check.sh: the packages for modules that use this one. $work and $version are its.

# shellcheck disable=SC2154

# dev_content DIR EXAMPLES: of an unpacked package
dev_content() {
	diff <(cd "$1" && find . ! -type d | sed 's/^\.//' | grep -vE '^/usr/share/(doc|licenses)/' | sort) - <<-EOT &&
	/usr/include/pmem-altmap/linux/pmem_altmap.h
	/usr/share/pmem-altmap/client.mk
	EOT
		cmp "$top/include/linux/pmem_altmap.h" "$1/usr/include/pmem-altmap/linux/pmem_altmap.h" &&
		diff -r "$top/samples/pmem_altmap_client" "$1/usr/share/doc/$2/pmem_altmap_client" &&
		! find "$1" ! -user root -o -perm /6022 ! -type l | grep .
}

dev_deb() {
	dpkg-deb -x "$1" "$work/dev-deb" && dev_content "$work/dev-deb" pmem-altmap-dev/examples
}

dev_rpm() {
	mkdir -p "$work/dev-rpm"
	rpm2cpio "$1" | (cd "$work/dev-rpm" && cpio --quiet -idm) &&
		dev_content "$work/dev-rpm" "pmem_altmap-devel-$version"
}

# check_dev DEB RPM: as built on this machine
check_dev() {
	check "the package for other modules has its files" dev_deb "$1"
	check "the RPM package has the same" dev_rpm "$2"
}

# use_dev DKMS-DEB DEV-DEB: a module is compiled by DKMS against the one that DKMS has, in
# the root, with the very words of docs/clients.md
use_dev() {
	local example=/usr/share/doc/pmem-altmap-dev/examples/pmem_altmap_client

	cp "$1" "$2" "$root/root/"
	# Of the tests before this
	inside apt-get purge -y -q pmem-altmap-dkms >"$work/log" 2>&1
	listing >"$work/before"
	check "apt installs the package for other modules" apt_install "/root/${1##*/}" "/root/${2##*/}"
	check "a module that uses this one is compiled by DKMS" inside sh -ec "
		cp -r $example /usr/src/pmem_altmap_client-1
		dkms install pmem_altmap_client/1"
	equal "and depends on it" "$(inside modinfo -k "$release" -F depends pmem_altmap_client)" pmem_altmap
	equal "modprobe loads both" "$(inside modprobe -S "$release" --show-depends pmem_altmap_client |
		sed -n 's|^insmod .*/updates/dkms/\([a-z_]*\)\.ko.*|\1|p' | tr '\n' ' ')" "pmem_altmap pmem_altmap_client "
	check "it is removed" inside sh -ec "
		dkms remove pmem_altmap_client/1 --all
		rm -r /usr/src/pmem_altmap_client-1"
	check "apt removes the others" inside apt-get purge -y -q pmem-altmap-dev pmem-altmap-dkms
	equal "no file is left of either" "$(listing | diff "$work/before" - | grep '^[<>]')" ""
}
