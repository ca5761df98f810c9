# shellcheck shell=bash
# Sourced by run.sh: what the environment says, other users, and other people's folders.

# shellcheck disable=SC2154

# A script finds its tree with CDPATH set, when it is called by a relative name
with_cdpath() {
	new_box plain
	mkdir -p "$box/decoy/tests/x" "$box/decoy/x"
	cd "$tree" || return
	tried '' env CDPATH="$box/decoy:$box" tests/check.sh no-such-part || return
	refused "no part 'no-such-part'" || return
	tried "$box/root" env CDPATH="$box/decoy" make install-cli DESTDIR="$box/root" || return
	[ "$status" -eq 0 ] || return
	cd "$top" || return
	# root.sh is always called by its whole name, and with its text changes what it is kept by
	! grep -rE '^cd .*dirname|^top=\$\(cd ' --include='*.sh' tests .ci/run | grep -v '/root\.sh:' || return
	rm -rf "$box"
}

with_environment() {
	new_box plain
	tried "$box/root" env O="$box/pre" V=0 TMPDIR="$box/pre" GREP_OPTIONS=-v TAR_OPTIONS=--remove-files \
		QUOTING_STYLE=c KDIR="$work/kernel" make -C "$tree" install-cli DESTDIR="$box/root" || return
	[ "$status" -eq 0 ] && [ -x "$box/root/usr/local/bin/altmapctl" ] && [ -e "$tree/build/cli/altmapctl" ] &&
		rm -rf "$box"
}

with_o() {
	new_box plain
	# Only what is made again is wanted
	mkdir -p "$tree/own/folder"
	cp -a "$tree/build/cli/." "$tree/own/folder/"
	rm "$tree/own/folder/altmapctl"
	cp -a "$tree/own/folder" "$box/out"
	rm -r "$tree/build"
	tried "$box/out" make -C "$tree" cli O="$box/out" || return
	[ "$status" -eq 0 ] && [ -x "$box/out/altmapctl" ] || return
	tried '' make -C "$tree" cli O=own/folder || return
	[ "$status" -eq 0 ] && [ -x "$tree/own/folder/altmapctl" ] || return
	tried '' make -C "$tree" modules O="$box/out" KDIR="$work/kernel" || return
	refused "O is for 'make cli'" && [ ! -e "$tree/compiled" ] || return
	tried '' make -C "$tree" clean || return
	[ -x "$tree/own/folder/altmapctl" ] && [ ! -e "$tree/build" ] && rm -rf "$box"
}

with_umask() {
	new_box plain
	(umask 077 && make -C "$tree" install-cli DESTDIR="$box/root") || return
	! find "$box/root" -type d ! -perm 755 -o -type f ! -perm 644 ! -name altmapctl | grep . &&
		[ "$(stat -c %a "$box/root/usr/local/bin/altmapctl")" = 755 ] && rm -rf "$box"
}

# A masked unit, and a man page that somebody else keeps elsewhere
through_links() {
	new_box plain
	mkdir -p "$box/root/etc/systemd/system" "$box/root/usr/local/share/man/man1"
	echo other >"$box/other"
	chmod 600 "$box/other"
	ln -s "$box/other" "$box/root/etc/systemd/system/pmem-altmap-attach@.service"
	ln -s "$box/other" "$box/root/usr/local/share/man/man1/altmapctl.1"
	tried "$box/root" make -C "$tree" install-cli DESTDIR="$box/root" || return
	tried "$box/root" make -C "$tree" uninstall-cli DESTDIR="$box/root" || return
	[ "$(find "$box/root" ! -type d -printf '%P ')" = "$(cd "$box/root" && find . -type l -printf '%P ')" ] &&
		[ -L "$box/root/etc/systemd/system/pmem-altmap-attach@.service" ] && rm -rf "$box"
}

# What is in the folder of the configuration, and not as it was installed
keeps_configuration() {
	new_box plain
	make -C "$tree" install-cli DESTDIR="$box/root" || return
	echo '# mine' >>"$box/root/etc/pmem-altmap.conf.d/example.conf"
	echo '# mine' >"$box/root/usr/local/share/doc/altmapctl/notes"
	make -C "$tree" uninstall-cli DESTDIR="$box/root" || return
	[ "$(find "$box/root" -type f | wc -l)" -eq 2 ] && rm -rf "$box"
}

# What a package has put where 'make install-cli' would have
leaves_packages() {
	local folders

	new_box plain
	folders=(PREFIX="$box/root/local" UNITDIR="$box/root/units" UDEVDIR="$box/root/rules" CONFDIR="$box/root/conf")
	mkdir "$box/bin"
	printf '#!/bin/sh\n[ "$*" = "-S %s/root/conf/example.conf" ]\n' "$box" >"$box/bin/dpkg-query"
	chmod 755 "$box/bin/dpkg-query"
	make -C "$tree" install-cli "${folders[@]}" || return
	tried "$box/root" env PATH="$box/bin:$PATH" make -C "$tree" uninstall-cli "${folders[@]}" || return
	[ "$(find "$box/root" -type f)" = "$box/root/conf/example.conf" ] && rm -rf "$box"
}

# 'build' may be a link
clean_links() {
	new_box plain
	rm -rf "$tree/build"
	ln -s "$box/pre" "$tree/build"
	tried '' make -C "$tree" clean || return
	[ "$status" -eq 0 ] && [ ! -L "$tree/build" ] || return
	ln -s "$box/none" "$tree/build"
	mv "$tree/src" "$tree/sources"
	ln -s sources "$tree/src"
	touch "$tree/sources/x.o"
	tried '' make -C "$tree" clean || return
	[ -e "$tree/sources/x.o" ] && [ ! -L "$tree/build" ] && rm -rf "$box"
}

# The Makefile of one project, called in another one's folder
from_elsewhere() {
	new_box plain
	cd "$box/pre" || return
	tried '' make -f "$tree/Makefile" clean || return
	cd "$top" || return
	refused "works in its own folder only" && rm -rf "$box"
}

# other_user COMMAND...: may write nothing but the tree
other_user() {
	setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$@"
}

as_nobody() {
	new_box plain
	chown -R 65534:65534 "$tree"
	tried '' other_user make -C "$tree" cli || return
	[ "$status" -eq 0 ] || return
	tried '' other_user make -C "$tree" install-cli PREFIX="$box/pre" DOCDIR="$box/pre/doc" || return
	refused "$box/pre cannot be written by nobody: run this as root" && rm -rf "$box"
}

# Folders that tests would empty
foreign_folders() {
	local folder

	new_box plain
	mkdir -p "$box/pmem_altmap/unit" "$box/pmem_altmap/root-6.1-mine"
	echo mine >"$box/pmem_altmap/unit/notes"
	for folder in / "$box/pmem_altmap" "$box/pre"; do
		tried '' env PMA_CACHE="$folder" make -C "$tree" clean-cache || return
		refused "PMA_CACHE is $folder, where files are" || return
		tried '' env PMA_BUILD="$folder" make -C "$tree" check-unit || return
		refused "PMA_BUILD is $folder, where files are" || return
	done
	rm -rf "$box"
}

clean_cache() {
	local cache

	new_box plain
	cache=$box/cache
	mkdir "$cache"

	mkdir -p "$cache/root-6.1-0123456789ab/usr" "$cache/promtool" "$cache/promtools"
	touch "$cache/root-6.1-0123456789ab/.complete" "$cache/root-6.1.log" "$cache/notes"
	tried "$cache" env PMA_CACHE="$cache" make -C "$tree" clean-cache || return
	[ "$status" -eq 0 ] && find "$cache" &&
		[ "$(find "$cache" -mindepth 1 -printf '%P\n' | sort | tr '\n' ' ')" = ".pmem_altmap notes promtools " ] || return
	rm -r "$cache/notes" "$cache/promtools"
	tried "$cache" env PMA_CACHE="$cache" make -C "$tree" clean-cache || return
	[ ! -e "$cache" ] && rm -rf "$box"
}

check_environment() {
	check "CDPATH" with_cdpath
	check "variables of other work in the environment" with_environment
	check "make cli O=DIR builds there" with_o
	check "umask 077: what is installed can be read by all" with_umask
	check "install-cli and uninstall-cli leave links and what is behind them" through_links
	check "uninstall-cli leaves what people have changed" keeps_configuration
	check "uninstall-cli leaves what is a package's" leaves_packages
	check "clean follows no link" clean_links
	check "make -f from elsewhere changes nothing" from_elsewhere
	[ "$(id -u)" -ne 0 ] || check "another user builds, and is told what cannot be written" as_nobody
	check "PMA_CACHE and PMA_BUILD that are somebody else's" foreign_folders
	check "clean-cache removes what tests have put there, and nothing else" clean_cache
}
