# shellcheck shell=bash
# For run.sh: the documents agree with the program. $tool, $dir, $build and check() are its.
# shellcheck disable=SC2154

man_of() {
	asciidoctor -b manpage -v -o "$dir/man/$1.1" "docs/man/$1.adoc"
}

# Each page is built without a warning, and man finds nothing wrong with it
man_pages() {
	local verb

	mkdir -p "$dir/man"
	for verb in "" $("$tool" --list-cmds); do
		man_of "altmapctl${verb:+-$verb}" || return
	done 2>&1 | tee "$dir/man/warnings"
	[ ! -s "$dir/man/warnings" ] || return
	diff <("$tool" --list-cmds | sort) \
		<(sed -nE 's/^\*altmapctl-(.*)\*\(1\)::.*/\1/p' docs/man/altmapctl.adoc | sort) || return
	! grep -L '^\.SH "EXIT STATUS"' "$dir"/man/*.1 | grep . || return
	LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$dir"/man/*.1 2>&1 >/dev/null |
		tee "$dir/man/warnings"
	[ ! -s "$dir/man/warnings" ]
}

# options VERB: what its page says, as the program prints it
options_of() {
	sed -e "/^include::human-option/r docs/man/human-option.adoc" "docs/man/altmapctl-$1.adoc" |
		sed -nE 's/^(--[a-z-]+)(=?)[A-Z]*::$/\1\2/p' | sort
}

# A verb has the options that its page describes, and its help shows them
options_agree() {
	local verb rc=0

	for verb in $("$tool" --list-cmds); do
		diff <(options_of "$verb") <("$tool" "$verb" --list-options | grep -vx -- --help | sort) || rc=1
		"$tool" "$verb" --list-options | tr -d = | while read -r option; do
			"$tool" "$verb" --help | grep -q -- "$option" || echo "$verb $option"
		done | grep . && rc=1
	done
	return "$rc"
}

# complete WORD...: what bash offers for the last one, of the machine in $dir/nd
complete_words() {
	PATH=$build/cli:$PATH root=$dir/nd bash -c '
		compopt() { :; }
		cd() { builtin cd "$root$1"; }
		. cli/completion/altmapctl
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_altmapctl
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

completion() {
	mkdir -p "$dir/nd/sys/bus/nd/devices/"{region0,dax0.1,namespace0.0,namespace1.0} \
		"$dir/nd/sys/bus/nd/drivers/pmem_altmap/namespace1.0"
	[ "$(complete_words altmapctl pl)" = plan ] &&
		[ "$(complete_words altmapctl plan --al)" = --align= ] &&
		[ "$(complete_words altmapctl detach --f)" = --force ] &&
		[ "$(complete_words altmapctl help mon)" = monitor ] &&
		[ "$(complete_words altmapctl version --)" = --help ] &&
		[ "$(complete_words altmapctl attach n | tr '\n' ' ')" = "namespace0.0 namespace1.0 " ] &&
		[ "$(complete_words altmapctl plan namespace0)" = namespace0.0 ] &&
		[ "$(complete_words altmapctl detach "" | tr '\n' ' ')" = "namespace1.0 " ] &&
		[ -z "$(complete_words altmapctl list n)" ] &&
		[ "$(complete_words altmapctl "" | wc -l)" -eq 11 ]
}

# All of the example is a comment, and means something once it is none
example() {
	! grep -v '^#' cli/systemd/example.conf | grep . || return
	mkdir -p "$dir/conf"
	sed -n 's/^#\([[a-z].*\)/\1/p' cli/systemd/example.conf >"$dir/conf/a.conf"
	grep -c . "$dir/conf/a.conf" | grep -qx 4 &&
		ctl 0 attach --all -c cli/systemd && ctl 3 attach --all -c "$dir/conf" &&
		has '\[attach database\]: no namespace here' '\[attach scratch\]: no namespace'
}

installs() {
	make install-cli DESTDIR="$dir/install" PREFIX=/usr || return
	(cd "$dir/install" && find . -type f -printf '%m %P\n' | sort -k 2)
	[ -x "$dir/install/usr/bin/altmapctl" ] &&
		[ -e "$dir/install/usr/share/man/man1/altmapctl-attach.1" ] &&
		[ "$(find "$dir/install" -name 'altmapctl*.1' | wc -l)" -eq 10 ] &&
		[ -e "$dir/install/usr/share/bash-completion/completions/altmapctl" ] &&
		[ -e "$dir/install/usr/lib/udev/rules.d/90-pmem-altmap.rules" ] &&
		[ -e "$dir/install/usr/lib/systemd/system/pmem-altmap-attach@.service" ] &&
		[ -e "$dir/install/etc/pmem-altmap.conf.d/example.conf" ]
}

# What people have put into the configuration is not ours to take
uninstalls() {
	echo '# mine' >"$dir/install/etc/pmem-altmap.conf.d/mine.conf"
	make uninstall-cli DESTDIR="$dir/install" PREFIX=/usr || return
	diff <(cd "$dir/install" && find . -type f) <(echo ./etc/pmem-altmap.conf.d/mine.conf)
}

# What holds the version is built again when that changes, and nothing else is
version_follows() {
	local copy=$dir/version

	mkdir -p "$copy"
	cp -r cli src docs scripts "$copy" || return
	make -C "$copy/cli" O="$copy/build" >/dev/null || return
	sed -i 's/^MODULE_VERSION(.*/MODULE_VERSION("9.8.7");/' "$copy/src/main.c"
	make -C "$copy/cli" O="$copy/build" >"$copy/log" || return
	cat "$copy/log"
	[ "$("$copy/build/altmapctl" --version)" = 9.8.7 ] && [ "$(grep -c '^  CC ' "$copy/log")" -eq 2 ]
}

# systemd has nothing to say of the unit, and has something to say of a broken one
unit_file() {
	local unit=$dir/systemd/pmem-altmap-attach@namespace0.0.service

	mkdir -p "$dir/systemd" || return
	sed "s|/usr/bin/altmapctl|$tool|" cli/systemd/pmem-altmap-attach@.service >"$unit" || return
	systemd-analyze verify --man=no "$unit" 2>&1 | grep pmem-altmap && return 1
	sed -i 's/^Type=.*/Type=nonsense/' "$unit"
	systemd-analyze verify --man=no "$unit" 2>&1 | grep pmem-altmap
}

# The exit statuses of the manual are those of the program
statuses_agree() {
	diff <(sed -nE 's/^\tSTATUS_[A-Z_]+ = ([0-9]+),.*/\1/p' cli/output/status.h) \
		<(sed -nE 's/^([0-9]+)::.*/\1/p' docs/man/exit-status.adoc)
}

# What the module says when nobody may have a namespace any more is what is listened for
module_words() {
	local words

	words=$(sed -n 's/^#define UNUSABLE "\(.*\)"/\1/p' cli/system/kmsg.c)
	[ -n "$words" ] && [ "$(grep -rlF "$words" src | wc -l)" -eq 2 ]
}

# Every file of a provider that the ABI describes is read
counters_agree() {
	diff <({ sed -n 's|^What:.*/providers/<[a-z]*>/\(..*\)|\1|p' docs/ABI/debugfs-pmem_altmap; echo users; } | sort -u) \
		<({ sed -nE 's/.*FIELD\(/\n&/gp' cli/module/counters.c | tr '\n' ' ' | grep -oE 'FIELD\([a-z_]+\), ?' |
			sed -E 's/FIELD\((.*)\),.*/\1/'; printf '%s\n' pinned state users; } | sort)
}

# The README's costs of a TiB are those that plan computes. In its table the way with 4 KiB
# pages in DRAM is left out.
readme_costs() {
	local row key

	ctl 0 plan 1T -u --dram 192G || return
	for row in "DRAM dram" "capacity without data device"; do
		key=${row##* }
		diff <(sed -nE "s/^\\| ${row% *} \\| (.*) \\|$/\\1/p" README.md | sed 's/ | /\n/g') \
			<(sed -nE "s/.*\"$key\":\"([0-9.]+ [A-Za-z]+).*/\\1/p" "$dir/out/last" | sed '2d; s/\.00 / /') || return
	done
}

check_documents() {
	check "the module's words are known" module_words
	check "the module's counters are read" counters_agree
	check "manual pages: one for each verb, without a warning" man_pages
	check "manual pages: the options are the program's" options_agree
	check "manual pages: the exit statuses are the program's" statuses_agree
	check "the README's costs are those of plan" readme_costs
	check "bash completion" completion
	check "the example of a configuration" example
	check "installs all of it" installs
	check "and removes all of it, but what is somebody's own" uninstalls
	check "another version is built in" version_follows
	check "systemd takes the unit" unit_file
}
