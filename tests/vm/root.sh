#!/bin/bash
# root.sh KERNEL: print the folder of a root with the suite's compiler, kernel,
# headers and ndctl, made from the suite's own packages. It is unpacked, not
# installed: enough to run programs in it with chroot.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib.sh"

kernel=$1
read -r _ suite image headers < <(awk -v k="$kernel" '$1 == k' "$top/tests/vm/kernels") ||
	die "unknown kernel '$kernel': see 'make list-kernels'"

packages=(
	"$image" "$headers"
	# a build environment
	gcc libc6-dev make perl sparse
	# what a shell script needs, and the guest's programs
	bash coreutils dash diffutils findutils gawk grep gzip hostname sed tar xz-utils
	busybox-static daxctl fio kmod ndctl
)

need mmdebstrap=mmdebstrap /usr/share/keyrings/debian-archive-keyring.gpg=debian-archive-keyring
[ "$(id -u)" -eq 0 ] || die "a root for kernel $kernel can be made by root only"

# The mirrors this machine uses, with the wanted suite in place of its own
sources() {
	local own host
	own=$(. /etc/os-release && [ "$ID" = debian ] && echo "${VERSION_CODENAME:-}") || :
	[ -n "$own" ] || die "this needs a Debian machine with a codename in /etc/os-release"
	# What a Release file says of its origin and codename is known after an update
	[ -n "$(origins "$own")" ] || apt-get update -qq >&2 || :
	host=$(origins "$own" | while read -r uri codename; do
		echo "deb $uri $suite${codename#"$own"} main"
	done)
	[ -n "$host" ] || die "apt has no lists of Debian's '$own': see /etc/apt/sources.list, run 'apt-get update'"
	printf '%s\n' "$host"
}

# Debian's own repositories for suite $1: lines "URI CODENAME"
origins() {
	apt-get indextargets --format "\$(REPO_URI) \$(ORIGIN) \$(CODENAME) \$(COMPONENT)" \
		'Created-By: Packages' |
		awk -v own="$1" '$2 == "Debian" && $4 == "main" && !seen[$0]++ &&
			($3 == own || $3 == own "-updates" || $3 == own "-security") { print $1, $3 }'
}

key=$(printf '%s\n' "$suite" "${packages[@]}" | cat - "$0" | sha256sum | cut -c1-12)
root=$cache/root-$kernel-$key

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -e "$root/.complete" ]; then
	say "making the root for kernel $kernel from $suite's packages (1 GB)"
	space=$(df --output=avail -k "$cache" | tail -n 1)
	[ "$space" -gt $((3 << 20)) ] ||
		die "$cache has $space KiB free, 3 GiB are needed: make room, or set PMA_CACHE"
	rm -rf "$root.new"
	include=$(IFS=,; echo "${packages[*]}")
	sources | mmdebstrap --variant=extract --include="$include" \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		"$suite" "$root.new" - >"$cache/root-$kernel.log" 2>&1 || {
		tail -n 20 "$cache/root-$kernel.log" >&2
		rm -rf "$root.new"
		die "mmdebstrap failed, its log is $cache/root-$kernel.log"
	}
	# No maintainer script ran: what they would have linked
	ln -sf dash "$root.new/usr/bin/sh"
	ln -sf gawk "$root.new/usr/bin/awk"
	ln -sf gcc "$root.new/usr/bin/cc"
	mknod -m 666 "$root.new/dev/null" c 1 3 2>/dev/null || :
	for modules in "$root.new"/lib/modules/*; do
		chroot "$root.new" /sbin/depmod "${modules##*/}"
	done
	touch "$root.new/.complete"
	mv "$root.new" "$root"
fi
echo "$root"
