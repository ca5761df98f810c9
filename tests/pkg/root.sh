#!/bin/bash
# root.sh SUITE: print the folder of a root of tests/pkg/suites, with everything configured
# as on a machine that runs it: apt, systemd, kernel, headers. Not to be changed: copy it.
# Beside it, in FOLDER.archives, is what apt has downloaded for it.
set -eu -o pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib.sh"

suite=$1
read -r _ suites image headers _ < <(awk -v s="$suite" '$1 == s' "$top/tests/pkg/suites") ||
	die "unknown suite '$suite': see tests/pkg/suites"
from=${suites#"${suites%%+*}"}
from=${from/+//}
packages=(
	"$image$from" "$headers$from"
	# to boot it
	systemd-sysv udev kmod
	# what tests want
	busybox-static daxctl ndctl
)

need mmdebstrap=mmdebstrap /usr/share/keyrings/debian-archive-keyring.gpg=debian-archive-keyring
[ "$(id -u)" -eq 0 ] || die "a root of $suite can be made by root only"

key=$(printf '%s\n' "$suites" "${packages[@]}" | cat - "$0" | sha256sum | cut -c1-12)
root=$cache/distro-$suite-$key
mkdir -p "$cache"
exec 9>"$cache/lock-distro"
flock 9
if [ -e "$root/.complete" ]; then
	echo "$root"
	exit
fi

say "making a root of $suite with its kernel (1.5 GB)"
space=$(df --output=avail -k "$cache" | tail -n 1)
[ "$space" -gt $((6 << 20)) ] ||
	die "$cache has $space KiB free, 6 GiB are needed: make room, or set PMA_CACHE"
rm -rf "$root.new" "$root.archives"
include=$(IFS=,; echo "${packages[*]}")
log=$cache/distro-$suite.log
# The hook wants a package that Debian 11 has not; the half of it that makes the links does
hooks=(--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr)
[ "${suites%%+*}" != bullseye ] ||
	hooks=(--setup-hook=/usr/share/mmdebstrap/hooks/merged-usr/setup00.sh)
# No service is started in it, and the initramfs, which no guest boots, not made twice
# (Nor are locks handed down: dash, which mmdebstrap has write to its pipes, knows no
# descriptor above 9.)
# shellcheck disable=SC2016,SC2086 # mmdebstrap's shell expands it; words
"$top/tests/sources.sh" ${suites/+/ } | mmdebstrap --variant=apt --include="$include" \
	--dpkgopt=force-unsafe-io --dpkgopt=force-confold --skip=cleanup/apt/lists \
	"${hooks[@]}" \
	--essential-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"; chmod 755 "$1/usr/sbin/policy-rc.d"' \
	--essential-hook='mkdir -p "$1/etc/initramfs-tools"; echo update_initramfs=no >"$1/etc/initramfs-tools/update-initramfs.conf"' \
	"${suites%%+*}" "$root.new" - >"$log" 2>&1 7>&- 8>&- 9>&- || {
	tail -n 20 "$log" >&2
	rm -rf "$root.new"
	die "mmdebstrap failed, its log is $log"
}
mkdir -p "$root.archives/partial"
touch "$root.new/.complete"
mv "$root.new" "$root"
echo "$root"
