#!/bin/bash
# stage.sh DIR [VERSION]: a copy of what git would take of this tree into DIR (of all that
# .gitignore does not name, where this is no git checkout), as VERSION if there is one.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

dir=$1
version=${2:-}
case $dir in
"$build"/?*) ;;
*) die "stage.sh: $dir is not in $build, and would be removed" ;;
esac
rm -rf "$dir"
mkdir -p "$dir"
cd "$top"
# Or it would say nothing to a root who does not own the tree, and runs its scripts
git=(git -c "safe.directory=$top")
if [ -n "$("${git[@]}" ls-files 2>/dev/null)" ]; then
	"${git[@]}" ls-files -co --exclude-standard -z |
		while IFS= read -r -d '' file; do
			# Deleted, and not yet committed
			[ ! -e "$file" ] || printf '%s\0' "$file"
		done | tar -c --null -T - | tar -x -C "$dir"
else
	tar -c --exclude=./.git --exclude-from=<(sed 's|^/|./|; s|/$||' .gitignore) . | tar -x -C "$dir"
fi
# Whatever umask it was cloned under
chmod -R u=rwX,go=rX "$dir"
[ -n "$version" ] || exit 0

cd "$dir"
old=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$version\"/" dkms.conf
sed -i "s/^MODULE_VERSION(.*/MODULE_VERSION(\"$version\");/" src/main.c
sed -i "1s/(.*)/($version)/" debian/changelog
sed -i "s/^Version: .*/Version:        $version/; s/ - $old-1$/ - $version-1/" rpm/*.spec
