#!/bin/bash
# run.sh [paths|environment|install ...]: the Makefiles in paths, with paths and in environments that mean them no good: each
# target does its work, or says in a sentence that it cannot and changes nothing; and whatever
# is beside the tree stays as it was. KERNEL=6.1 is the kernel that "install" compiles for. Prints TAP.
set -u
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"
. "$top/tests/build/install.sh"
. "$top/tests/build/environment.sh"

need gcc=gcc make=make pkg-config=pkg-config /usr/include/stdio.h=libc6-dev \
	/usr/include/ndctl/libndctl.h=libndctl-dev /usr/include/daxctl/libdaxctl.h=libdaxctl-dev \
	/usr/include/json-c/json.h=libjson-c-dev /usr/include/uuid/uuid.h=uuid-dev \
	asciidoctor=asciidoctor setpriv=util-linux

mkdir -p "$build"
work=$(mktemp -d)
chmod 755 "$work"
log=$work/log
n=0
failed=0
# Of which a path is made: what make, kbuild or a shell takes for more than a letter. Each
# is tried in the middle of a name, but for the last ones.
# shellcheck disable=SC1003,SC2016 # as they are
odd=(' ' '&' '$' '$(' "'" '"' '#' ':' ',' '%' '\' $'\n' $'\t' ';' '*' '`' '?')
names=()
for character in "${odd[@]}"; do
	names+=("pre${character}post")
done
names+=(-C '~')

# A tree whose command line is built, to be copied
plain=$(mktemp -d "$build/build-tests.XXXXXX")
trap 'rm -rf "$work" "$plain"' EXIT
"$top/tests/pkg/stage.sh" "$plain"
rm -rf "$plain/tests/fuzz/corpus"
make_plain() {
	make -C "$plain" -j"$(nproc)" cli && make -C "$plain/cli" O=../build/cli man
}

# new_box NAME: set box, a folder with siblings that a path taken apart would name, and
# tree, a copy of the tree in NAME
new_box() {
	local name

	box=$(mktemp -d "$work/box.XXXXXX")
	chmod 755 "$box"
	for name in pre post t build; do
		mkdir -p "$box/$name/build" "$box/$name/t/build" "$box/$name/cli"
		for file in keep.o keep.cmd build/keep t/build/keep cli/keep.o; do
			echo keep >"$box/$name/$file"
		done
	done
	mkdir -p -- "$box/$1"
	tree=$box/$1/t
	rm -rf -- "$tree"
	cp -a -- "$plain" "$tree"
	# One object and the program are made again
	touch -- "$tree/cli/cmd/main.c"
}

# around [LESS]: all in the box with type, mode, size and what is in it, but for the tree
# and LESS
around() {
	local but=(\( -path "$(pattern "$tree")" -o -path "$(pattern "${1:-/none}")" \) -prune -o)

	# The size of a folder tells nothing
	find "$box" "${but[@]}" \( -type d -printf '%y %m %p\0' -o -printf '%y %m %s %p %l\0' \)
	find "$box" "${but[@]}" -type f -exec cat {} +
}

# pattern PATH: for find's -path, which knows wildcards
pattern() {
	# shellcheck disable=SC2001 # more than one character
	sed 's/[][*?\\]/\\&/g' <<<"$1"
}

# tried [LESS] -- COMMAND...: set status; its words are in $work/said; what is around the tree
# is as it was
tried() {
	local less=$1

	shift
	around "$less" >"$work/before"
	status=0
	"$@" >"$work/said" 2>&1 || status=$?
	cat "$work/said"
	around "$less" | cmp - "$work/before" || {
		diff -a <(tr '\0' '\n' <"$work/before") <(around "$less" | tr '\0' '\n')
		echo "'$*' in '$tree' has changed what is around"
		return 1
	}
}

# refused PATTERN: the command failed, with a sentence of which PATTERN is a part
refused() {
	[ "$status" -ne 0 ] || {
		echo "it did not fail"
		return 1
	}
	tr '\n' ' ' <"$work/said" | grep -qE -- "$1" || {
		echo "it did not say: $1"
		return 1
	}
}

# A kernel whose 'make clean' removes objects as kbuild's does
fake_kernel() {
	mkdir -p "$work/kernel"
	printf '%s:\n\t%s\n' clean "find \$(M) -name '*.o' -type f -print | xargs rm -f" \
		modules "touch \$(M)/compiled" >"$work/kernel/Makefile"
}

clean_with_kernel() {
	new_box "$1"
	tried '' make -C "$tree" clean KDIR="$work/kernel" || return
	[ "$status" -eq 0 ] || return
	tried '' make -C "$tree/samples/pmem_altmap_client" clean KDIR="$work/kernel" || return
	refused 'only letters, digits' && rm -rf "$box"
}

cli_in() {
	tried "$box/root" make -C "$tree" install-cli DESTDIR="$box/root" || return
	[ "$status" -eq 0 ] && [ "$tree/build/cli/cmd/main.o" -nt "$tree/cli/cmd/main.c" ] &&
		[ -x "$box/root/usr/local/bin/altmapctl" ] || return
	tried "$box/root" make -C "$tree" uninstall-cli DESTDIR="$box/root" || return
	[ "$status" -eq 0 ] && [ -z "$(find "$box/root" ! -type d)" ]
}

clean_in() {
	touch "$tree/src/x.o" "$tree/src/.x.o.cmd" "$tree/pmem_altmap.ko" "$tree/keep.txt"
	tried '' make -C "$tree" clean KDIR=/none || return
	[ "$status" -eq 0 ] && [ ! -e "$tree/build" ] && [ ! -e "$tree/src/x.o" ] &&
		[ ! -e "$tree/pmem_altmap.ko" ] && [ -e "$tree/keep.txt" ]
}

# What kbuild, dpkg, rpm and QEMU would have to take
others_in() {
	local target

	new_box "$1"
	for target in modules install deb rpm demo check-unit clean-cache; do
		tried '' env PMA_CACHE="$box/cache" HOME="$box" make -C "$tree" $target KDIR="$work/kernel" || return
		refused 'only letters, digits|control character|take for an option|no shell has replaced' || return
		[ ! -e "$tree/compiled" ] || return
	done
	rm -rf "$box"
}

# destdir NAME [environment]: it is on the command line, or there
destdir() {
	local to said

	box=$destdir_box
	tree=$box/plain/t
	to=$box/to/$1
	said=(make -C "$tree" install-cli)
	if [ $# -gt 1 ]; then
		tried "$box/to" env DESTDIR="$to" "${said[@]}" || return
	else
		tried "$box/to" "${said[@]}" DESTDIR="$to" || return
	fi
	if [ "$status" -ne 0 ]; then
		refused 'DESTDIR (is .*without \$|has a newline)|unterminated variable' && [ ! -e "$box/to" ]
		return
	fi
	[ -x "$to/usr/local/bin/altmapctl" ] && [ "$(find "$box/to" -mindepth 1 -maxdepth 1 | wc -l)" -eq 1 ] || return
	tried "$box/to" make -C "$tree" uninstall-cli DESTDIR="$to" || return
	[ "$status" -eq 0 ] && [ -z "$(find "$to" ! -type d)" ] && rm -rf "$box/to"
}

refused_values() {
	local name=$1 target=$2 value

	new_box plain
	for value in "${names[@]}"; do
		case $value in -C | '~') continue ;; esac
		tried '' make -C "$tree" "$target" "$name=$box/$value" DESTDIR="$box" || return
		refused "$name (is|has).*(only letters|control|without \\$)|unterminated variable" || return
	done
	# shellcheck disable=SC2088 # not by the shell
	for value in -C '~/x'; do
		tried '' make -C "$tree" "$target" "$name=$value" || return
		refused "$name is" || return
	done
	rm -rf "$box"
}

check_paths() {
	local name shown

	new_box plain
	destdir_box=$box
	for name in "${names[@]}"; do
		printf -v shown '%q' "$name"
		shown=${shown//#/number sign}
		new_box "$name"
		check "the command line is built and installed in a folder $shown, and changes nothing around" cli_in
		check "clean removes its own in a folder $shown, and nothing around" clean_in
		rm -rf "$box"
		check "DESTDIR can be $shown, or a sentence says that it cannot" destdir "$name"
	done
	for name in "pre post" 'pre&post' 'pre#post' $'pre\npost'; do
		printf -v shown '%q' "$name"
		shown=${shown//#/number sign}
		check "clean where there are headers, in a folder $shown" clean_with_kernel "$name"
		check "what needs a plain path says so in a folder $shown" others_in "$name"
	done
	check "DESTDIR with a space, of the environment" destdir "pre post" environment
	# shellcheck disable=SC2016 # as it is
	check "DESTDIR with a \$, of the environment" destdir 'pre$post' environment
	check "KDIR is refused where kbuild cannot take it" refused_values KDIR modules
	check "O is refused where make cannot take it" refused_values O cli
	check "PREFIX is refused where a unit cannot have it" refused_values PREFIX install-cli
}

fake_kernel
[ "$*" = install ] || check "the command line is built in a plain path" make_plain
[ $# -gt 0 ] || set -- paths environment install
for part; do
	"check_$part"
done
echo "1..$n"
[ "$failed" -eq 0 ]
