# shellcheck shell=bash
# Sourced by run.sh: the module, in the root of a kernel's suite, for that kernel and for one
# with the same headers and another release, of which kbuild alone would notice nothing. A
# module of few objects will do.

# shellcheck disable=SC2154

# in_kernel COMMAND...: in the root, in the copy of the tree
in_kernel() {
	in_root "$kernel_root" env -C "$inside" "$@"
}

make_kernels() {
	local link

	kernel_root=$("$top/tests/vm/root.sh" "${KERNEL:-6.1}") || return
	release=$(cat "$kernel_root/.release")
	place=$(mktemp -d "$kernel_root/tmp/install.XXXXXX") || return
	trap 'rm -rf "$work" "$plain" "$place"' EXIT
	chmod 755 "$place"
	# All that paths.sh lets through
	tree=$place/A_z.0+@~-ö
	inside=${tree#"$kernel_root"}
	mkdir "$tree"
	cp -r "$top"/{Kbuild,Makefile,include,src,scripts} "$tree/"
	sed -i '/^pmem_altmap-y :=/,/[^\\]$/c pmem_altmap-y := src/main.o src/plan/refusal.o' "$tree/Kbuild"
	first=/usr/src/linux-headers-$release
	second=${place#"$kernel_root"}/second
	cp -a "$kernel_root$first" "$place/second"
	# These are relative
	for link in scripts tools; do
		ln -sfn "$(chroot "$kernel_root" readlink -f "$first/$link")" "$place/second/$link"
	done
	# Since 6.13 they say where they are
	sed -i "s|^KBUILD_OUTPUT=.*|KBUILD_OUTPUT=$second|" "$place/second/Makefile"
	sed -i 's/^#define UTS_RELEASE .*/#define UTS_RELEASE "6.1.0-second-amd64"/' \
		"$place/second/include/generated/utsrelease.h"
	find "$tree" -type f | sort >"$work/sources"
}

vermagic() {
	in_kernel modinfo -F vermagic ./pmem_altmap.ko | cut -d' ' -f1
}

build_first() {
	in_kernel make -j"$(nproc)" KDIR="$first" KBUILD_MODPOST_WARN=1 && [ "$(vermagic)" = "$release" ]
}

# Everything is compiled again, once
build_second() {
	in_kernel make -j"$(nproc)" KDIR="$second" KBUILD_MODPOST_WARN=1 >"$work/made" || return
	cat "$work/made"
	[ "$(grep -c '^  PROBE ' "$work/made")" -eq "$(find "$tree" -name '*.result' | wc -l)" ] &&
		[ "$(grep -c '^  CC \[M\] .*src/' "$work/made")" -eq 2 ] &&
		[ "$(vermagic)" = 6.1.0-second-amd64 ] || return
	in_kernel make KDIR="$second" KBUILD_MODPOST_WARN=1 >"$work/made" || return
	cat "$work/made"
	! grep -E '^  (PROBE|CC|LD) ' "$work/made"
}

# under ROOT: files and folders that are there, with their modes
under() {
	(cd "$place/$1" && find . ! -name 'modules.*' -printf '%P %m\n' | sort)
}

# PATH of a user, umask 077, a path with a space, and a release that only utsrelease.h has
install_odd() {
	local root="a root's & co"

	mkdir "$place/$root"
	chmod 755 "$place/$root"
	printf '%s\n' "lib 755" "lib/modules 755" "lib/modules/6.1.0-second-amd64 755" \
		"lib/modules/6.1.0-second-amd64/extra 755" \
		"lib/modules/6.1.0-second-amd64/extra/pmem_altmap.ko 644" >"$work/want"
	in_kernel sh -c "umask 077; PATH=/usr/bin; exec make KDIR='$second' KBUILD_MODPOST_WARN=1 \
		INSTALL_MOD_PATH=\"\$1\" install" sh "${place#"$kernel_root"}/$root" || return
	# Newer kernels install into updates, and Debian 13 compresses
	under "$root" | grep -v '^ ' | sed 's#/updates\b#/extra#; s#\.ko\.xz #.ko #' | diff - "$work/want" || return
	in_kernel modprobe -d "${place#"$kernel_root"}/$root" -S 6.1.0-second-amd64 -n -v pmem_altmap |
		grep -E "/lib/modules/6.1.0-second-amd64/(extra|updates)/pmem_altmap\.ko" || return
	# What somebody else has put there
	mkdir -p "$place/$root/lib/modules/6.1.0-second-amd64"/{extra,updates}
	echo mine >"$place/$root/lib/modules/6.1.0-second-amd64/extra/pmem_altmap.ko.mine"
	ln -s ../mine "$place/$root/lib/modules/6.1.0-second-amd64/updates/pmem_altmap.ko"
	in_kernel make KDIR="$second" INSTALL_MOD_PATH="${place#"$kernel_root"}/$root" uninstall || return
	under "$root" | grep pmem_altmap >"$work/left"
	cat "$work/left"
	[ "$(wc -l <"$work/left")" -eq 2 ] && ! grep -q 'ko 644' "$work/left" || return
	! in_kernel make KDIR="$second" INSTALL_MOD_PATH="${place#"$kernel_root"}/$root" uninstall
}

# Nothing is copied where depmod could not be called
install_without_depmod() {
	mkdir -p "$place/none"
	# shellcheck disable=SC2016 # the inner shell expands it
	! unshare --mount sh -ec 'mount --bind /dev/null "$1/usr/bin/kmod"; exec chroot "$1" env -C "$2" \
		make KDIR="$3" KBUILD_MODPOST_WARN=1 INSTALL_MOD_PATH="$4" install' sh "$kernel_root" "$inside" "$second" \
		"${place#"$kernel_root"}/none" >"$work/said" 2>&1 || return
	cat "$work/said"
	grep -q 'depmod is not installed' "$work/said" && [ -z "$(ls -A "$place/none")" ]
}

clean_all() {
	in_kernel make clean || return
	find "$tree" -type f | sort | diff "$work/sources" -
}

check_install() {
	if [ "$(id -u)" -ne 0 ]; then
		n=$((n + 1))
		echo "ok $n - install # SKIP only root can make a root"
		return
	fi
	check "two kernels" make_kernels
	check "the module is built for one kernel" build_first
	check "then for another one, with its probes, and once" build_second
	check "install and uninstall, by the release of utsrelease.h" install_odd
	check "install stops before it copies, where there is no depmod" install_without_depmod
	check "clean leaves the sources alone" clean_all
}
