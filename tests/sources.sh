#!/bin/bash
# sources.sh SUITE...: lines for sources.list, for a root of that Debian suite, with its
# updates and its security fixes, from the mirrors that this machine uses. A suite such
# as trixie-backports is one by itself. Signatures are checked, but a mirror that lags
# behind is good enough for a test.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$top/tests/lib.sh"

# This machine's repositories of Debian: lines "URI CODENAME"
origins() {
	apt-get indextargets --format "\$(REPO_URI) \$(ORIGIN) \$(CODENAME) \$(COMPONENT)" \
		'Created-By: Packages' |
		awk -v own="$1" '$2 == "Debian" && $4 == "main" && !seen[$0]++ &&
			($3 == own || $3 == own "-security") { print $1, $3 }'
}

own=$(. /etc/os-release && [ "$ID" = debian ] && echo "${VERSION_CODENAME:-}") || :
[ -n "$own" ] || die "this needs a Debian machine with a codename in /etc/os-release"
# What a Release file says of its origin and codename is known after an update
[ -n "$(origins "$own")" ] || apt-get update -qq >&2 || :
found=$(origins "$own")
main=$(awk -v own="$own" '$2 == own { print $1; exit }' <<<"$found")
security=$(awk -v own="$own" '$2 == own "-security" { print $1; exit }' <<<"$found")
[ -n "$main" ] || die "apt has no lists of Debian's '$own': see /etc/apt/sources.list, run 'apt-get update'"

for suite in "$@"; do
	echo "deb [check-valid-until=no] $main $suite main"
	case $suite in
	sid | unstable | *-*) continue ;;
	esac
	echo "deb [check-valid-until=no] $main $suite-updates main"
	[ -z "$security" ] || echo "deb [check-valid-until=no] $security $suite-security main"
done
