#!/bin/bash
# check.sh: what can be said of the packages without booting anything: the linters,
# contents, versions, DKMS straight from the tree, the RPM's scriptlets, Debian's own
# test of DKMS packages, and the command line, in a root of Debian 12. Prints KTAP.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"
. "$top/tests/pkg/chroot.sh"
. "$top/tests/pkg/check-tools.sh"
. "$top/tests/pkg/check-dev.sh"
. "$top/tests/pkg/by-hand.sh"

lock_build
need lintian=lintian rpmlint=rpmlint rpm2cpio=rpm2cpio rpm=rpm cpio=cpio unshare=util-linux \
	readelf=binutils
work=$build/pkg/check
said=$work/said
rm -rf "$work"
mkdir -p "$work"
: >"$said"
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")
sources=pmem_altmap-$version

# By git, so that objects that lie about are no sources
"$top/tests/pkg/stage.sh" "$work/tree"
mkdir -p "$work/want"
cp -a "$work/tree"/{Kbuild,dkms.conf,include,src} "$work/want/"

versions() {
	local place found rc=0

	while IFS='|' read -r place found; do
		echo "$place says '$found'"
		[ "$found" = "$version" ] || rc=1
	done <<-EOT
	dkms.conf|$version
	src/main.c|$(sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' "$top/src/main.c")
	debian/changelog|$(sed -n '1s/.*(\(.*\)).*/\1/p' "$top/debian/changelog")
	$(for spec in "$top"/rpm/*.spec; do
		echo "${spec#"$top/"}, Version|$(sed -n 's/^Version: *//p' "$spec")"
		echo "${spec#"$top/"}, changelog|$(sed -n '/^%changelog/,$s/^\* .* - \(.*\)-[0-9]*$/\1/p' "$spec" | head -n 1)"
	done)
	EOT
	return $rc
}

# What the compiler refuses, DKMS does not try
options() {
	diff <(grep -ohE 'CONFIG_[A-Z0-9_]+' "$top/src/compat/require.h" | grep -vx CONFIG_X86_64 |
		sed 's/CONFIG_//' | sort -u) \
		<(sed -n 's/.*for option in \(.*\); do/\1/p' "$top/dkms.conf" | tr ' ' '\n' | sort)
}

# The linters: without a word, as far as each is asked
quiet() {
	local rc=0

	"$@" >"$work/lint" 2>&1 || rc=$?
	cat "$work/lint"
	return $rc
}

lint_deb() {
	quiet lintian --allow-root --display-info --fail-on error,warning,info "$work"/packages/*.changes &&
		! grep -E '^[EWI]:' "$work/lint"
}

# One at a time: rpmlint 2.4 takes one source package's spec for a second one of the next
lint_rpm() {
	local what

	for what in "$work"/packages/*.rpm "$top"/rpm/*.spec; do
		quiet rpmlint -c "$top/rpm/rpmlint.toml" "$what" &&
			grep -q ' 0 errors, 0 warnings' "$work/lint" || return
	done
}

# What the README refers to is beside it, if compressed
has_documents() {
	local file rc=0

	while read -r file; do
		case $file in docs/* | *.md) ;; *) continue ;; esac
		[ -s "${1%/*}/$file" ] || [ -s "${1%/*}/$file.gz" ] || [ -d "${1%/*}/$file" ] || {
			echo "README.md refers to $file, which is not there"
			rc=1
		}
	done < <(grep -oE '\]\([A-Za-z][^):# ]*' "$top/README.md" | sed 's/^](//' | sort -u)
	return $rc
}

# content DIR: of an unpacked package: the sources, byte for byte, and documentation
content() {
	diff -r "$1/usr/src/$sources" "$work/want" &&
		! (cd "$1" && find . -type f | grep -vE "^\./usr/(src/$sources|share/(doc|licenses))/") &&
		! find "$1" ! -user root -o -perm /6022 ! -type l | grep . &&
		has_documents "$(find "$1/usr/share/doc" -name 'README.md*' | head -n 1)"
}

content_deb() {
	dpkg-deb -x "$1" "$work/deb" && content "$work/deb"
}

content_rpm() {
	mkdir -p "$work/rpm"
	rpm2cpio "$1" | (cd "$work/rpm" && cpio --quiet -idm) && content "$work/rpm"
}

# What apt is told, and which scripts run: those of dh_dkms, and no others
control_deb() {
	local script

	mkdir -p "$work/control"
	dpkg-deb -e "$1" "$work/control" || return
	cat "$work/control/control"
	ls "$work/control"
	grep -qx 'Architecture: all' "$work/control/control" || return
	grep -qE '^Depends: .*dkms' "$work/control/control" || return
	# Debian 11 has 2.8.4: this may not ask for more
	! grep -E '^Depends: .*dkms \(>= [3-9]' "$work/control/control" || return
	for script in postinst prerm; do
		! sed '/^# Automatically added by dh_dkms/,/^# End automatically added/d' "$work/control/$script" |
			grep -vxE '#!/bin/sh|set -e|' || return
	done
	[ "$(cd "$work/control" && echo *)" = "control md5sums postinst prerm" ]
}

# Nothing that can fail is in a scriptlet
scriptlets_rpm() {
	rpm -qp --qf '%{ARCH}\n' "$1" | grep -qx noarch || return
	rpm -qp --scripts "$1" >"$work/scriptlets"
	cat "$work/scriptlets"
	[ "$(grep -cE '^[^#]*dkms .* \|\| :$' "$work/scriptlets")" -eq 7 ] &&
		! grep -vE 'dkms .* \|\| :$|^kernels=.* \|\| :$|^for kernel in |^done$|^(postinstall|preuninstall) scriptlet |^$' "$work/scriptlets"
}

check "the versions agree" versions
check "dkms.conf asks for the options of src/compat/require.h" options
check "the Debian packages are built" "$top/tests/pkg/deb.sh" "$work/packages"
check "the RPM packages are built" "$top/tests/pkg/rpm.sh" "$work/packages"
deb=$(echo "$work"/packages/pmem-altmap-dkms_*.deb)
rpm=$(echo "$work"/packages/pmem_altmap-dkms-*.noarch.rpm)
check "lintian is content" lint_deb
check "rpmlint is content" lint_rpm
check "the Debian package for DKMS has the sources and documentation" content_deb "$deb"
check "the RPM package has, too" content_rpm "$rpm"
check "the Debian package's control data" control_deb "$deb"
check "the RPM package's scriptlets cannot fail" scriptlets_rpm "$rpm"
check_tools "$(echo "$work"/packages/pmem-altmap-tools_*.deb)" "$(echo "$work"/packages/*.x86_64.rpm)"
check_dev "$(echo "$work"/packages/pmem-altmap-dev_*.deb)" "$(echo "$work"/packages/pmem_altmap-devel-*.noarch.rpm)"
check "the Debian packages can be built in a root of Debian 12" \
	"$top/tests/pkg/suite-deb.sh" bookworm "$work/suite" "$version"

copy_root bookworm "$build/pkg/check-root"
inside apt-get update -q >"$work/log" 2>&1 || say "apt-get update failed"
check "a root with dkms" apt_install dkms openssl procps rpm
cp "$rpm" "$root/root/pmem_altmap.rpm"

# Straight from the tree, with the very words of docs/install.md
cp -a "$work/tree" "$root/root/tree"
check "dkms add . && dkms install, from the tree" \
	inside sh -c "cd /root/tree && dkms add . && dkms install pmem_altmap/$version"
equal "it is installed" "$(dkms_state)" "$version $release installed"
equal "as the module that modprobe finds" "$(ours "$release")" "/lib/modules/$release/updates/dkms/pmem_altmap.ko"
check "dkms remove --all" inside dkms remove "pmem_altmap/$version" --all
equal "dkms has forgotten it" "$(dkms_state)" ""
check "modprobe does not find it" sh -c "! grep pmem_altmap '$root/lib/modules/$release/modules.dep'"
# dkms add has copied the tree there
rm -rf "${root:?}/usr/src/$sources"

# The RPM's scriptlets, by rpm itself, though dkms here is Debian's
rpm_here() {
	inside rpm --nodeps "$@"
}
# On a mount from which nothing can be executed, where dkms leaves scripts out
rpm_noexec() {
	inside sh -ec 'mount --bind /var/lib/dkms /var/lib/dkms
		mount -o remount,bind,noexec /var/lib/dkms
		exec rpm --nodeps "$@"' sh "$@"
}
check "rpm installs, with /var/lib/dkms on a mount with noexec" rpm_noexec -i /root/pmem_altmap.rpm
equal "dkms has it" "$(dkms_state)" "$version $release installed"
check "and Module.symvers, for modules that use this one" \
	test -s "$root/var/lib/dkms/pmem_altmap/$version/$release/x86_64/Module.symvers"
# What has another release and the same version is built anew, also for a second kernel
cp -a "$root/lib/modules/$release" "$root/lib/modules/$release.second"
inside dkms install -q -m pmem_altmap -v "$version" -k "$release.second" >"$work/log" 2>&1
for file in "$root"/lib/modules/*/updates/dkms/pmem_altmap.ko* \
	"$root"/var/lib/dkms/pmem_altmap/"$version"/*/*/module/pmem_altmap.ko*; do
	echo stale >"$file"
done
equal "dkms has it for both" "$(dkms_state)" "$version $release installed
$version $release.second installed"
check "rpm installs it again" rpm_here -U --force /root/pmem_altmap.rpm
equal "dkms has it still" "$(dkms_state)" "$version $release installed
$version $release.second installed"
equal "and built it anew for both" "$(for kernel in "$release" "$release.second"; do
	inside modinfo -k "$kernel" -F version pmem_altmap
done)" "$version
$version"
inside dkms uninstall -q -m pmem_altmap -v "$version" -k "$release.second" >"$work/log" 2>&1
inside dkms unbuild -q -m pmem_altmap -v "$version" -k "$release.second" >"$work/log" 2>&1
rm -r "$root/lib/modules/$release.second"
"$top/tests/pkg/rpm.sh" "$work/higher" "$version.1" >/dev/null
cp "$work"/higher/pmem_altmap-dkms-*.noarch.rpm "$root/root/higher.rpm"
check "rpm upgrades" rpm_here -U /root/higher.rpm
equal "dkms has the higher version only" "$(dkms_state)" "$version.1 $release installed"
check "rpm erases" rpm_here -e pmem_altmap-dkms
equal "dkms has nothing" "$(dkms_state)" ""
equal "no file is left" "$(cd "$root" && find usr/src var/lib/dkms lib/modules/*/updates -name '*pmem_altmap*' 2>/dev/null)" ""
# No headers, as on a machine that has just got a new kernel
mv "$root/lib/modules/$release/build" "$root/root/build"
check "rpm installs where DKMS cannot build" rpm_here -i /root/pmem_altmap.rpm
equal "and DKMS could not" "$(dkms_state)" "$version - added"
check "rpm erases there" rpm_here -e pmem_altmap-dkms
mv "$root/root/build" "$root/lib/modules/$release/build"

# What autopkgtest-pkg-dkms runs, on a repository with the package
mkdir -p "$root/root/repository"
cp "$deb" "$root/root/repository/"
inside sh -ec "
	cd /root/repository && dpkg-scanpackages . >Packages
	echo 'deb [trusted=yes] file:/root/repository ./' >/etc/apt/sources.list.d/own.list
	apt-get update -q" >"$work/log" 2>&1
check "dkms-autopkgtest passes" inside sh -ec "cd /root && /usr/lib/dkms/dkms-autopkgtest pmem-altmap-dkms && dkms status pmem_altmap/$version"
equal "and has built it" "$(grep -c "^I: PASS $release" "$said") $(grep -c "^I: \(FAIL\|SKIP\)" "$said")" "1 0"
rm "$root/etc/apt/sources.list.d/own.list"

use_dev "$deb" "$(echo "$work"/packages/pmem-altmap-dev_*.deb)"
use_tools "$work/suite/$version/pmem-altmap-tools_${version}_amd64.deb" "$(echo "$work"/packages/*.x86_64.rpm)"
tree_by_hand=$work/tree
by_hand ""
[ -n "${PMA_KEEP:-}" ] || rm -rf "$root"

echo "1..$n"
[ "$failed" -eq 0 ]
