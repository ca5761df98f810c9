#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# paths.sh KIND NAME VALUE ...: print "ok", or a sentence that says which path cannot be used, and
# why. The Makefiles ask before they use a path, since make and kbuild take a path apart at
# its spaces, and give it to shells without quotes. The kinds are:
#   plain     a path that make or kbuild gets: no character in it may mean anything to them
#   prefix    the same, and absolute
#   absolute  a path that only quoted commands get: empty, or absolute
#   folder    the same, and not empty
unset CDPATH
LC_ALL=C
export LC_ALL

refuse() {
	printf '%s\n' "$1"
	exit 0
}

# odd VALUE: whether a character is in it that means something to make, kbuild or a shell. Bytes
# beyond ASCII mean nothing to any of them. (The dot keeps newlines at the end.)
odd() {
	[ "$(printf '%s' "$1" | tr -d 'A-Za-z0-9_./+@~\200-\377-'; echo .)" != . ]
}

control() {
	[ "$(printf '%s' "$1" | tr -cd '[:cntrl:]'; echo .)" != . ]
}

while [ $# -ge 3 ]; do
	kind=$1
	name=$2
	value=$3
	shift 3
	case $value in
	-*) refuse "$name is '$value', which commands would take for an option: put ./ before it" ;;
	\~*) refuse "$name is '$value', with a ~ that no shell has replaced: write that folder's name out" ;;
	*\$*) refuse "$name is '$value', where make takes what follows \$ for the name of a variable: use a path without \$" ;;
	esac
	! control "$value" || refuse "$name has a newline or another control character in it: use another path"
	case $kind in
	plain | prefix)
		[ -n "$value" ] || refuse "$name is empty: name a folder"
		! odd "$value" ||
			refuse "$name is '$value', and only letters, digits and the characters . _ / + @ ~ - can be in that path: use another one"
		;;
	esac
	[ "$kind:$value" != folder: ] || refuse "$name is empty: name a folder"
	case $kind:$value in
	plain:* | *:/* | absolute:) ;;
	*) refuse "$name is '$value', which is not absolute: begin it with /" ;;
	esac
done
echo ok
