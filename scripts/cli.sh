#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# cli.sh install|uninstall: altmapctl, from O, to where PREFIX, UNITDIR, UDEVDIR, CONFDIR and
# DOCDIR say, below DESTDIR. The Makefile in cli starts it there, with these in the environment.
set -eu
unset CDPATH
umask 022
DESTDIR=${DESTDIR:-}

die() {
	printf '%s\n' "$*" >&2
	exit 1
}

# each FUNCTION: call it with MODE FROM TO for each file
each() {
	"$1" 755 "$O/altmapctl" "$PREFIX/bin/altmapctl"
	for page in ../docs/man/altmapctl*.adoc; do
		page=${page##*/}
		page=${page%.adoc}.1
		"$1" 644 "$O/man/$page" "$PREFIX/share/man/man1/$page"
	done
	"$1" 644 completion/altmapctl "$PREFIX/share/bash-completion/completions/altmapctl"
	"$1" 644 ../docs/altmapctl.schema.json "$DOCDIR/altmapctl.schema.json"
	"$1" 644 ../docs/altmapctl-transcript.md "$DOCDIR/altmapctl-transcript.md"
	"$1" 644 "$O/pmem-altmap-attach@.service" "$UNITDIR/pmem-altmap-attach@.service"
	"$1" 644 systemd/90-pmem-altmap.rules "$UDEVDIR/90-pmem-altmap.rules"
	"$1" 644 systemd/example.conf "$CONFDIR/example.conf"
}

# May it be written, or the nearest folder above it that is there?
writable() {
	folder=$DESTDIR${3%/*}
	while [ ! -e "$folder" ]; do
		folder=${folder%/*}
		folder=${folder:-/}
	done
	[ -d "$folder" ] || die "$folder is no folder, and $DESTDIR$3 cannot be made"
	[ -w "$folder" ] || die "$folder cannot be written by $(id -un): run this as root, or with another PREFIX or DESTDIR"
}

put() {
	to=$DESTDIR$3
	# A unit is masked by a link to /dev/null
	if [ -L "$to" ]; then
		echo "$to is a link and stays as it is" >&2
		return
	fi
	[ "$3" != "$CONFDIR/example.conf" ] || [ ! -e "$to" ] || return 0
	mkdir -p "${to%/*}"
	install -m "$1" "$2" "$to"
	echo "$to"
}

# owned FILE: whether a package has put it there, that is, not 'make install-cli'
owned() {
	[ -z "$DESTDIR" ] || return 1
	dpkg-query -S "$1" >/dev/null 2>&1 || rpm -qf "$1" >/dev/null 2>&1
}

take() {
	to=$DESTDIR$3
	[ -f "$to" ] && [ ! -L "$to" ] || return 0
	if owned "$3"; then
		echo "$to is a package's and stays" >&2
		return
	fi
	# What people put into the configuration stays
	[ "$3" != "$CONFDIR/example.conf" ] || cmp -s "$2" "$to" || return 0
	rm -v -- "$to"
}

case $1 in
install)
	each writable
	# Or in /usr/local, of which systemd knows nothing
	sed "s|/usr/bin/|$PREFIX/bin/|" 'systemd/pmem-altmap-attach@.service' \
		>"$O/pmem-altmap-attach@.service"
	each put
	;;
uninstall)
	each take
	for folder in "$DESTDIR$DOCDIR" "$DESTDIR$CONFDIR"; do
		[ ! -d "$folder" ] || rmdir --ignore-fail-on-non-empty -- "$folder"
	done
	;;
*) die "cli.sh: no command '$1'" ;;
esac
