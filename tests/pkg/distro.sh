#!/bin/bash
# distro.sh [SUITE...]: what users do by hand and with the packages, in a root made of the
# suite's own: install, boot and test, install a second kernel and kernels that the module does
# not fit, upgrade, remove. Prints KTAP. PMA_KEEP=1 keeps the root, in build/pkg/SUITE.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"
. "$top/tests/pkg/chroot.sh"
. "$top/tests/pkg/by-hand.sh"

lock_build
need qemu-system-x86_64=qemu-system-x86 unshare=util-linux readelf=binutils \
	xz=xz-utils zstd=zstd
[ "$(id -u)" -eq 0 ] || die "this needs root, for chroot and mounts"

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")
higher=$version.1
debs=$build/pkg/debs
"$top/tests/pkg/deb.sh" "$debs/$version" >/dev/null
"$top/tests/pkg/deb.sh" "$debs/$higher" "$higher" >/dev/null

tree_by_hand=$build/pkg/by-hand
"$top/tests/pkg/stage.sh" "$tree_by_hand"

# tools VERSION: the file of the command line, compiled in the suite
tools() {
	echo "pmem-altmap-tools_${1}_amd64.deb"
}

# kernel_module RELEASE: plain, whatever it was compressed with
kernel_module() {
	local file

	file=$root/$(ours "$1")
	[ -e "$file" ] || return 0
	case $file in
	*.xz) xz -dc "$file" ;;
	*.zst) zstd -qdc "$file" ;;
	*) cat "$file" ;;
	esac
}

# fact RELEASE FIELD: what modinfo says of it
fact() {
	inside modinfo -k "$1" -F "$2" pmem_altmap 2>/dev/null || echo none
}

# for_kernel RELEASE VERSION: where it should be, for that kernel, by its compiler
for_kernel() {
	local file compiler

	file=$(ours "$1")
	equal "$1: modprobe finds the module of DKMS" "${file%.[xz]*}" \
		"/lib/modules/$1/updates/dkms/pmem_altmap.ko"
	equal "$1: it is of version $2, and for this kernel" \
		"$(fact "$1" version) $(fact "$1" vermagic | cut -d' ' -f1)" \
		"$2 $1"
	# 120200 is 12.2.0
	compiler=$(inside sed -n "s/^CONFIG_GCC_VERSION=//p" "/lib/modules/$1/build/.config")
	kernel_module "$1" >"$work/pmem_altmap.ko"
	equal "$1: compiled with the kernel's gcc $((compiler / 10000))" \
		"$(readelf -p .comment "$work/pmem_altmap.ko" 2>/dev/null | grep -o 'GCC: .*' |
			sed 's/.* \([0-9]*\)\..*/\1/' | sort -u || :)" "$((compiler / 10000))"
}

# Of our module: a file's name, or its name in one
traces() {
	(cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./root -o -path ./var/log \
		-o -path ./var/cache -o -path ./var/lib/apt \) -prune -o \
		\( -iname '*pmem[-_]altmap*' -o -name '*altmapctl*' \) -print
	grep -rlsE 'pmem[-_]altmap' etc lib/modules/*/modules.* usr/lib/modules-load.d \
		usr/lib/modprobe.d usr/lib/udev var/lib/dkms usr/src/*/dkms.conf || :)
}

# files_of PACKAGE: what is no folder
files_of() {
	local file

	inside dpkg -L "$1" | grep -v '^/usr/share/doc/' | sort | while read -r file; do
		[ -d "$root$file" ] || echo "$file"
	done
}

# What is new since $1, is no package's, and is not dkms's own, a cache of the system, what
# the packages that dkms wants write (Debian 11: python3, readline, tzdata), or
# what installing a kernel makes. (traces has looked into them for our name.)
unowned() {
	local file

	listing >"$work/now"
	comm -13 "$1" "$work/now" | while read -r file; do
		case $(readlink "$root$file") in
		/etc/alternatives/*) ;;
		*) echo "$file" ;;
		esac
	done >"$work/new"
	# With /usr merged, packages still say /lib and /bin
	cat "$root"/var/lib/dpkg/info/*.list | sed -E 's#^/(lib|bin|sbin|lib64)(/|$)#/usr/\1\2#' |
		sort -u >"$work/owned"
	comm -23 "$work/new" "$work/owned" | grep -vxE "$(paste -sd '|' <<-'EOT'
	/var/lib/dkms/mok\.(key|pub)
	/etc/(ld\.so\.cache|shells|mailcap|mailname)-?
	/etc/alternatives/.*
	/boot/(initrd\.img|vmlinuz|config|System\.map)-.*
	/etc/(inputrc|localtime|timezone|python3(/.*)?)
	/(var|usr/local)/lib/python[0-9.]*(/.*)?
	/usr/lib/modules/[^/]*/modules\.[a-z.]*
	EOT
	)" || :
}

# guests NAME KERNEL TEST...: in guests that boot the root; each of their results is one
guests() {
	local name=$1 kernel=$2 test log line

	shift 2
	check "$name: a guest's disk is made of the root" "$top/tests/pkg/guest-root.sh" "$root" "$kernel" "$name"
	"$top/tests/vm/accel.sh" "$build/vm/$name" >/dev/null
	for test in "$@"; do
		log=$build/vm/$name/log/$test
		guest "$name" "$test" "$work/$test.stream"
		: >"$said"
		if [ ! -s "$log/tap" ]; then
			cp "$work/$test.stream" "$said"
			ok 1 "$name $test: the guest could be started"
			continue
		fi
		while read -r line; do
			case $line in
			# Nothing may be skipped here
			ok*SKIP*) ok 1 "$name $test: ${line#* - }" ;;
			ok*) ok 0 "$name $test: ${line#* - }" ;;
			not*) ok 1 "$name $test: ${line#* - }" ;;
			\#*) echo "$line" ;;
			esac
		done <"$log/tap"
		equal "$name $test: as many tests as planned" \
			"$(grep -cE '^(not )?ok ' "$log/tap")" "$(sed -n 's/^1\.\.//p' "$log/tap")"
	done
}

# second_kernel PATTERN: the newest release of it that is complete and not installed
second_kernel() {
	local candidate

	inside apt-cache search --names-only '^linux-headers-[0-9]' |
		sed -nE "s/^linux-headers-($1) .*/\1/p" | grep -vxF "$release" | sort -Vr |
		while read -r candidate; do
			if inside apt-cache show "linux-image-$candidate" >/dev/null 2>&1; then
				echo "$candidate"
				break
			fi
		done
}

# fake_kernel RELEASE OPTION: a kernel's packages in one, with the headers of the first
# kernel but without OPTION, and with the maintainer script of Debian's kernels
fake_kernel() {
	local package=$work/fake headers

	rm -rf "$package"
	mkdir -p "$package"/{DEBIAN,boot} "$package/lib/modules/$1/kernel" \
		"$package/usr/src/linux-headers-$1"
	headers=$(readlink -f "$root/lib/modules/$release/build" | sed "s#^$root##")
	[ -d "$root$headers" ] || headers=/usr/src/linux-headers-$release
	cp -a "$root$headers/." "$package/usr/src/linux-headers-$1/"
	sed -i "s/^CONFIG_$2=.*/# CONFIG_$2 is not set/" "$package/usr/src/linux-headers-$1/.config"
	find "$package/usr/src" -name autoconf.h -exec sed -i "/ CONFIG_$2\(_MODULE\)\? /d" {} +
	find "$package/usr/src" -name utsrelease.h -exec sed -i "s/UTS_RELEASE .*/UTS_RELEASE \"$1\"/" {} +
	cp "$package/usr/src/linux-headers-$1/.config" "$package/boot/config-$1"
	echo "no kernel" >"$package/boot/vmlinuz-$1"
	ln -s "/usr/src/linux-headers-$1" "$package/lib/modules/$1/build"
	cat >"$package/DEBIAN/control" <<-EOT
	Package: linux-image-$1
	Version: 1
	Architecture: amd64
	Maintainer: nobody <nobody@localhost>
	Description: a kernel that pmem_altmap does not fit
	EOT
	cat >"$package/DEBIAN/postinst" <<-EOT
	#!/bin/sh
	set -e
	depmod $1
	[ ! -d /etc/kernel/header_postinst.d ] || DEB_MAINT_PARAMS="\$*" run-parts --report --exit-on-error --arg=$1 /etc/kernel/header_postinst.d
	DEB_MAINT_PARAMS="\$*" run-parts --report --exit-on-error --arg=$1 --arg=/boot/vmlinuz-$1 /etc/kernel/postinst.d
	EOT
	chmod 755 "$package/DEBIAN/postinst"
	# No initramfs is wanted of it
	dpkg-deb -Znone -b "$package" "$root/root/linux-image-$1.deb" >/dev/null
}

# Of the kernels that it fits, those that installing the package builds it for: dkms before
# 3.1 takes the running and the newest, since then all
built_for() {
	local all

	all=$(printf '%s\n' "$@" | sort -V)
	if ! grep -qs '^autoinstall_all_kernels=' "$root"/etc/dkms/framework.conf.d/*; then
		all=$(printf '%s\n' "$release" "$(tail -n 1 <<<"$all")" | sort -uV)
	fi
	echo "$all"
}

# installed VERSION RELEASE...: lines as dkms_state has them
installed() {
	local v=$1

	shift
	printf "$v %s installed\n" "$@" | sort
}

distro() {
	local suite=$1 pattern second lacking old kernels tests

	work=$build/pkg/work
	said=$work/said
	mkdir -p "$work"
	: >"$said"
	pattern=$(awk -v s="$suite" '$1 == s { print $5 }' "$top/tests/pkg/suites")
	[ -n "$pattern" ] || die "unknown suite '$suite': see tests/pkg/suites"
	# By hand, in a root of its own
	copy_root "$suite" "$build/pkg/$suite-hand"
	inside apt-get update -q >"$work/log" 2>&1 || say "apt-get update failed in $suite"
	by_hand "$suite, by hand: " guests "distro-$suite-hand" "$release" attach
	[ -n "${PMA_KEEP:-}" ] || rm -rf "$root"

	# Elsewhere, as nothing but apt may put a file where files are counted
	check "$suite: the packages can be built in it" \
		"$top/tests/pkg/suite-deb.sh" "$suite" "$debs/$suite" "$version" "$higher"
	copy_root "$suite" "$build/pkg/$suite"
	inside apt-get update -q >"$work/log" 2>&1 || say "apt-get update failed in $suite"
	cp "$debs/$version/"*_all.deb "$debs/$higher/"*_all.deb \
		"$debs/$suite/$version/$(tools "$version")" "$debs/$suite/$higher/$(tools "$higher")" "$root/root/"
	listing >"$work/before"

	# Install: openssl is what DKMS makes its key with
	check "$suite: apt installs the package" \
		apt_install openssl "/root/pmem-altmap-dkms_${version}_all.deb"
	echo "# $suite: kernel $release, $(inside dpkg-query -W dkms | tr '\t' ' ')"
	equal "$suite: DKMS has it for $release" "$(dkms_state)" "$(installed "$version" "$release")"
	for_kernel "$release" "$version"
	equal "$suite: the package has sources and documentation only" \
		"$(inside dpkg -L pmem-altmap-dkms | grep -vE "^/usr/src/pmem_altmap-$version(/|\$)|^/usr/share/doc(/|\$)" | tr '\n' ' ')" \
		"/. /usr /usr/share /usr/src "
	equal "$suite: nothing says that it is to be loaded" \
		"$(cd "$root" && grep -rlsE 'pmem[-_]altmap' etc/modules etc/modules-load.d etc/modprobe.d \
			usr/lib/modules-load.d usr/lib/modprobe.d usr/lib/udev etc/udev etc/systemd)" ""

	# The command line beside it
	check "$suite: apt installs the command line" apt_install "/root/$(tools "$version")"
	equal "$suite: it has its files" "$(files_of pmem-altmap-tools)" "$(tools_paths)"
	equal "$suite: and no maintainer scripts" "$(cd "$root/var/lib/dpkg/info" && echo pmem-altmap-tools.*)" \
		"pmem-altmap-tools.conffiles pmem-altmap-tools.list pmem-altmap-tools.md5sums"
	equal "$suite: it runs" "$(inside altmapctl --version)" "$version"
	equal "$suite: no unit is enabled" "$(cd "$root" && find etc/systemd var/lib/systemd -iname '*altmap*')" ""
	tests=(installed attach bytes mmap refusals lockdown lockdown_raised)
	if inside dpkg --compare-versions "$(inside dpkg-query -W dkms | cut -f2)" ge 3; then
		tests+=(lockdown_signed)
		equal "$suite: signed with DKMS's key" \
			"$(fact "$release" signer) $(inside openssl x509 -inform DER -noout -subject -in /var/lib/dkms/mok.pub | sed "s/ = /=/")" \
			"DKMS module signing key subject=CN=DKMS module signing key"
	else
		equal "$suite: not signed, as this dkms makes no key" \
			"$(fact "$release" signer)" ""
	fi
	# shellcheck disable=SC2086 # words
	guests "distro-$suite" "$release" ${TEST:-${tests[@]}}

	# A second kernel
	second=$(second_kernel "$pattern")
	check "$suite: a second kernel is installed, ${second:-but there is none}" \
		apt_install ${second:+"linux-image-$second" "linux-headers-$second"}
	equal "$suite: DKMS has it for both" "$(dkms_state)" "$(installed "$version" "$release" "$second")"
	for_kernel "$second" "$version"
	[ "$suite" = sid ] || guests "distro-$suite-second" "$second" installed

	# Kernels that it does not fit
	lacking=5.10.0-0-lacking-amd64
	old=4.19.0-0-old-amd64
	fake_kernel "$lacking" LIBNVDIMM
	check "$suite: a kernel without LIBNVDIMM is installed" apt_install "/root/linux-image-$lacking.deb"
	sed 's/^/# /' "$said" | grep -aiE 'dkms|pmem_altmap|error' | head -n 12 || :
	fake_kernel "$old" NO_OPTION_AT_ALL
	check "$suite: a kernel that is too old is installed" apt_install "/root/linux-image-$old.deb"
	sed 's/^/# /' "$said" | grep -aiE 'dkms|pmem_altmap|error' | head -n 12 || :
	equal "$suite: DKMS has nothing for them" "$(dkms_state)" "$(installed "$version" "$release" "$second")"
	check "$suite: dkms build says that it is not for this kernel" excluded "$lacking"
	check "$suite: nor for the old one" excluded "$old"
	check "$suite: the package installs again beside them" \
		apt_install --reinstall "/root/pmem-altmap-dkms_${version}_all.deb"
	mapfile -t kernels < <(built_for "$release" "$second")
	equal "$suite: with the same modules" "$(dkms_state)" "$(installed "$version" "${kernels[@]}")"

	# A higher version, and away
	check "$suite: the packages are upgraded to $higher" \
		apt_install "/root/pmem-altmap-dkms_${higher}_all.deb" "/root/$(tools "$higher")"
	equal "$suite: altmapctl is the higher version" "$(inside altmapctl --version)" "$higher"
	equal "$suite: DKMS has the higher version" "$(dkms_state)" "$(installed "$higher" "${kernels[@]}")"
	equal "$suite: nothing of $version is left" \
		"$(cd "$root" && find usr/src var/lib/dkms -name "pmem_altmap-$version" -o -path "*pmem_altmap/$version")" ""
	for kernel in "${kernels[@]}"; do
		for_kernel "$kernel" "$higher"
	done
	check "$suite: the packages are removed" inside apt-get remove -y -q pmem-altmap-dkms pmem-altmap-tools
	equal "$suite: the configuration is left" "$(traces | grep -v '^\./var/lib/dpkg/' | sort)" \
		./etc/pmem-altmap.conf.d
	check "$suite: the command line is purged" inside apt-get purge -y -q pmem-altmap-tools
	equal "$suite: not a trace is left" "$(traces)" ""
	check "$suite: modprobe does not find it" not_found "$release" "$second"
	equal "$suite: no file is left that is no package's" "$(unowned "$work/before")" ""
	[ -n "${PMA_KEEP:-}" ] || rm -rf "$root"
}

excluded() {
	local rc=0

	inside dkms build -m pmem_altmap -v "$version" -k "$1" >"$work/log" 2>&1 || rc=$?
	cat "$work/log"
	# dkms 2.8 says 9
	{ [ $rc -eq 77 ] || [ $rc -eq 9 ]; } && grep -q BUILD_EXCLUSIVE "$work/log"
}

not_found() {
	local kernel rc=0

	for kernel in "$@"; do
		! inside modinfo -k "$kernel" pmem_altmap || rc=1
		[ -s "$root/lib/modules/$kernel/modules.dep" ] || rc=1
	done
	return $rc
}

[ $# -gt 0 ] || mapfile -t suites < <(awk '!/^#/ { print $1 }' "$top/tests/pkg/suites")
for suite in "${@:-${suites[@]}}"; do
	distro "$suite"
done
echo "1..$n"
[ "$failed" -eq 0 ]
