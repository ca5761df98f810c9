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
	busybox-static daxctl kmod ndctl
)

need mmdebstrap=mmdebstrap /usr/share/keyrings/debian-archive-keyring.gpg=debian-archive-keyring
[ "$(id -u)" -eq 0 ] || die "a root for kernel $kernel can be made by root only"

# The mirrors this machine uses, with the wanted suite in place of its own
sources() {
	local own host
	own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	[ -n "$own" ] || die "cannot tell this machine's Debian suite from /etc/os-release"
	host=$(apt-get indextargets --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" \
		'Created-By: Packages' |
		awk -v own="$own" -v suite="$suite" '
		$2 == own || $2 == own "-updates" || $2 == own "-security" {
			if ($3 == "main" && !seen[$0]++)
				print "deb", $1, suite substr($2, length(own) + 1), "main"
		}')
	[ -n "$host" ] || die "apt knows no Debian suite '$own': see /etc/apt/sources.list"
	printf '%s\n' "$host"
}

key=$(printf '%s\n' "$suite" "${packages[@]}" | cat - "$0" | sha256sum | cut -c1-12)
root=$cache/root-$kernel-$key

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -e "$root/.complete" ]; then
	say "making the root for kernel $kernel from $suite's packages (1 GB)"
	rm -rf "$cache/root-$kernel-"*
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
