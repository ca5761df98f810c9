#!/bin/bash
# clean-cache.sh: remove the downloads and roots that tests keep, and nothing else that is in
# that folder. They come back when they are needed.
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$top/tests/lib.sh"

[ -d "$cache" ] || exit 0
for lock in "$cache"/lock-*; do
	[ -e "$lock" ] || continue
	exec 9>"$lock"
	flock -n 9 || die "$lock is held: wait until what is being made there is done"
done
cd "$cache"
find . -mindepth 1 -maxdepth 1 -regextype posix-extended -regex "\./($(paste -sd '|' <<-'EOT'
(root|distro)-[^/]*-[0-9a-f]{12}(\.new|\.archives|\.new\.archives)?
(root|distro)-[^/]*\.log
initrd-[^/]*-[0-9a-f]{12}-[0-9a-f]{12}\.(gz|cpio)(\.[0-9]+)?
checkpatch(\.new)?
promtool(\.[A-Za-z0-9]{6})?
lock-[^/]*
EOT
))" -exec rm -rf --one-file-system {} +
[ "$(ls -A)" != .pmem_altmap ] || rm .pmem_altmap
rmdir --ignore-fail-on-non-empty "$cache"
[ ! -e "$cache" ] || say "what tests have not put into $cache is still there"
