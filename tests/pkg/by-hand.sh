# shellcheck shell=bash
# Sourced by check.sh and distro.sh: what the README says without packages, in the root.

# shellcheck disable=SC2154

# in_tree COMMAND: in the tree, as root who came by 'su': without sbin in PATH, with an odd umask
in_tree() {
	inside env PATH=/usr/local/bin:/usr/bin:/bin sh -ec "umask 077; cd /root/by-hand; $1"
}

# Where modprobe finds what 'make install' has installed, and that all may read it
found_by_hand() {
	local file

	file=$(ours "$release")
	echo "$file"
	[[ $file =~ ^/lib/modules/$release/(extra|updates)/pmem_altmap\.ko(\.[gxz]+[st]*)?$ ]] &&
		inside modprobe -S "$release" -n -v pmem_altmap | grep -F "insmod $file" &&
		[ "$(inside modinfo -k "$release" -F vermagic pmem_altmap | cut -d' ' -f1)" = "$release" ] &&
		[ "$(stat -c %a "$root$file" "$root${file%/*}" | tr '\n' ' ')" = "644 755 " ]
}

# by_hand NAME [COMMAND...]: install, COMMAND, and uninstall
by_hand() {
	local name=$1 file

	shift
	# It is the tree as it was cloned
	cp -a "$tree_by_hand" "$root/root/by-hand"
	check "${name}apt installs what compiling wants" apt_install build-essential pkg-config libndctl-dev \
		libdaxctl-dev libjson-c-dev uuid-dev asciidoctor
	listing >"$work/by-hand"
	equal "${name}modprobe finds no module" "$(ours "$release")" none
	check "${name}make" in_tree make
	check "${name}make install" in_tree "make install"
	check "${name}modprobe finds what is installed" found_by_hand
	check "${name}make install-cli" in_tree "make install-cli"
	equal "${name}altmapctl runs" "$(inside altmapctl --version)" "$version"
	[ $# -eq 0 ] || "$@"
	check "${name}make uninstall" in_tree "make uninstall"
	check "${name}make uninstall-cli" in_tree "make uninstall-cli"
	equal "${name}modprobe finds no module any more" "$(ours "$release")" none
	# Folders that others may use by now stay, empty
	equal "${name}no file is left, and nothing is missing" "$(listing | diff "$work/by-hand" - |
		sed -n 's/^[<>] //p' | while read -r file; do [ -d "$root$file" ] || echo "$file"; done)" ""
	rm -rf "${root:?}/root/by-hand"
}
