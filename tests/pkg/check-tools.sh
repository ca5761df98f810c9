# shellcheck shell=bash
# Sourced by check.sh: the packages of the command line. $work and $version are its.

# shellcheck disable=SC2154

# tools_content DIR DOCS: of an unpacked package
tools_content() {
	diff <(cd "$1" && find . ! -type d | sed 's/^\.//' | grep -vE '^/usr/share/(doc|licenses)/' | sort) \
		<(tools_paths) &&
		! find "$1" ! -user root -o -perm /6022 ! -type l | grep . &&
		! grep -v '^#' "$1/etc/pmem-altmap.conf.d/example.conf" &&
		cmp "$top/docs/altmapctl.schema.json" "$1/usr/share/doc/$2/altmapctl.schema.json" &&
		[ -s "$(find "$1/usr/share/doc/$2" -name 'altmapctl-transcript.md*')" ]
}

tools_deb() {
	dpkg-deb -x "$1" "$work/tools-deb" && tools_content "$work/tools-deb" pmem-altmap-tools
}

tools_rpm() {
	mkdir -p "$work/tools-rpm"
	rpm2cpio "$1" | (cd "$work/tools-rpm" && cpio --quiet -idm) &&
		tools_content "$work/tools-rpm" pmem_altmap-tools
}

# No script runs, so that none can fail, enable or start anything
tools_control_deb() {
	dpkg-deb -e "$1" "$work/tools-control" || return
	cat "$work/tools-control/control"
	ls "$work/tools-control"
	grep -qx 'Architecture: amd64' "$work/tools-control/control" &&
		grep -q '^Depends: .*libndctl' "$work/tools-control/control" &&
		! grep -E '^Depends: .*(dkms|systemd)' "$work/tools-control/control" &&
		grep -qx 'Recommends: ndctl, pmem-altmap-dkms' "$work/tools-control/control" &&
		[ "$(cat "$work/tools-control/conffiles")" = /etc/pmem-altmap.conf.d/example.conf ] &&
		[ "$(cd "$work/tools-control" && echo *)" = "conffiles control md5sums" ]
}

tools_control_rpm() {
	rpm -qp --scripts --triggers --filetriggers "$1" >"$work/scriptlets" || return
	cat "$work/scriptlets"
	rpm -qp --qf '[%{FILENAMES} %{FILEFLAGS:fflags}\n]' "$1" | grep -E ' [^ ]*c[^ ]*$' >"$work/config"
	cat "$work/config"
	[ ! -s "$work/scriptlets" ] &&
		[ "$(cat "$work/config")" = "/etc/pmem-altmap.conf.d/example.conf cn" ] &&
		rpm -qp --requires "$1" | grep -q '^libndctl\.so'
}

# What dpkg-buildflags asks for is in the program
tools_hardened() {
	local program=$work/tools-deb/usr/bin/altmapctl

	readelf -Whdl --dyn-syms "$program" >"$work/elf" || return
	grep -E 'Type: |FLAGS|RELRO|_chk' "$work/elf"
	grep -qE 'Type: +DYN' "$work/elf" && grep -qE 'FLAGS_1.* NOW' "$work/elf" &&
		grep -q GNU_RELRO "$work/elf" && grep -q ' __stack_chk_fail@' "$work/elf" &&
		grep -q ' __snprintf_chk@' "$work/elf"
}

# check_tools DEB RPM: as built on this machine
check_tools() {
	check "the command line's Debian package has its files, and a configuration of comments" tools_deb "$1"
	check "the RPM package has the same" tools_rpm "$2"
	check "the Debian package has dependencies, a conffile and no script" tools_control_deb "$1"
	check "the RPM package has, too" tools_control_rpm "$2"
	check "the Debian package's program is hardened" tools_hardened
}

without_module() {
	local rc=0

	inside env ALTMAPCTL_SYSROOT=/nowhere altmapctl doctor >"$work/doctor" || rc=$?
	cat "$work/doctor"
	[ $rc -eq 1 ] && grep -q '^fail  loaded ' "$work/doctor"
}

manual() {
	local page

	for page in "$top"/docs/man/altmapctl*.adoc; do
		page=${page##*/}
		page=${page%.adoc}
		inside man "$page" >"$work/page" || return
		grep -q "^ *$page - " "$work/page" || return
	done
}

# use_tools DEB RPM: in the root; the first is compiled there
use_tools() {
	local file

	check "a root with man" apt_install man-db
	cp "$1" "$root/root/pmem-altmap-tools.deb"
	cp "$2" "$root/root/pmem_altmap-tools.rpm"
	listing >"$work/before"
	check "apt installs the command line" apt_install /root/pmem-altmap-tools.deb
	equal "it is of this version" "$(inside altmapctl --version)" "$version"
	check "it plans without the module" inside altmapctl plan 1T
	check "it says what is missing" without_module
	check "it has its manual" manual
	equal "nothing is enabled" "$(find "$root/etc/systemd" "$root/var/lib/systemd" -name '*altmap*')" ""
	check "apt purges it" inside apt-get purge -y -q pmem-altmap-tools
	equal "no file is left of it" "$(listing | diff "$work/before" -)" ""

	check "rpm installs the command line" rpm_here -i /root/pmem_altmap-tools.rpm
	equal "all of it is there" "$(tools_paths | while read -r file; do [ -e "$root$file" ] || echo "$file"; done)" ""
	check "rpm erases it" rpm_here -e pmem_altmap-tools
	equal "no file is left of that either" "$(listing | diff "$work/before" -)" ""
}
