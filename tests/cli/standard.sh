# shellcheck shell=bash
# For run.sh: what becomes of output that nobody gets. $tool, $dir and ctl() are its.
# shellcheck disable=SC2154

# ends STATUS COMMAND...: it does, within 20 seconds
ends() {
	local want=$1 rc=0

	shift
	timeout 20 "$@" || rc=$?
	[ "$rc" -eq "$want" ] && return
	echo "$*: status $rc, not $want"
	return 1
}

# lost ARGUMENT...: it is an error where its standard output is full or closed, whatever
# else is closed, and a sentence says so
lost() {
	local err=$dir/out/lost.err

	if ends 1 "$tool" "$@" >/dev/full 2>"$err" && grep -q 'cannot write to standard output: No space left' "$err" &&
		ends 1 "$tool" "$@" >&- 2>"$err" && grep -q 'cannot write to standard output: Bad file' "$err" &&
		[ "$(grep -c 'standard output' "$err")" -eq 1 ] &&
		ends 1 "$tool" "$@" >&- 2>&- && ends 1 "$tool" "$@" <&- >&- 2>&-; then
		return
	fi
	echo "altmapctl $*:"
	cat "$err"
	return 1
}

lost_output() {
	local verb

	local -x ALTMAPCTL_SYSROOT=$dir/root
	for verb in $("$tool" --list-cmds); do
		lost "$verb" --help && lost "$verb" --list-options || return
	done
	lost --help && lost -h && lost --version && lost --list-cmds && lost version && lost help &&
		lost list && lost list -A && lost plan 1T && lost metrics && lost doctor && lost doctor -j &&
		lost monitor -p -n 1 && lost monitor -p || return
	# A page is what man prints
	mkdir -p "$dir/pages/man1" && man_of altmapctl-plan && cp "$dir/man/altmapctl-plan.1" "$dir/pages/man1/" || return
	local -x MANPATH=$dir/pages
	ctl 0 help plan && has 'altmapctl-plan - ' && lost help plan && ctl 1 help list && has 'man does not show'
}

# What the messages are worth: an error that nobody reads is one all the same
lost_messages() {
	local -x ALTMAPCTL_SYSROOT=$dir/none
	local nothing=(attach --all -c "$dir/empty")

	mkdir -p "$dir/empty"
	ends 1 "$tool" "${nothing[@]}" 2>/dev/full && ends 1 "$tool" "${nothing[@]}" 2>&- &&
		ends 0 "$tool" "${nothing[@]}" 2>/dev/null || return
	ends 3 "$tool" detach namespace99.0 2>&- && ends 3 "$tool" detach namespace99.0 >&- 2>/dev/full &&
		ends 5 "$tool" list 2>&- && ends 129 "$tool" no-such-verb 2>&- && ends 129 "$tool" <&- >&- 2>&- &&
		ends 0 "$tool" version 2>&-
}

# Files that are opened do not become standard ones
files_apart() {
	local -x ALTMAPCTL_SYSROOT=$dir/root
	ends 0 "$tool" metrics -o "$dir/apart.prom" <&- >&- 2>&- && "$tool" metrics >"$dir/out/last" &&
		diff "$dir/out/last" "$dir/apart.prom"
}

# A reader that has gone is found out without another line for it
readers_gone() {
	local -x ALTMAPCTL_SYSROOT=$dir/root
	timeout 20 "$tool" monitor 2>"$dir/out/last.err" | true
	[ "${PIPESTATUS[0]}" -eq 1 ] && grep 'standard output: Broken pipe' "$dir/out/last.err" || return
	timeout 20 "$tool" list 2>"$dir/out/last.err" | true
	[ "${PIPESTATUS[0]}" -le 1 ] || return
	# Where the signal is ignored, such as below a service manager
	(
		trap '' PIPE
		timeout 20 "$tool" monitor -p 2>"$dir/out/last.err" | head -n 1 >"$dir/out/last"
		[ "${PIPESTATUS[0]}" -eq 1 ]
	) && grep -q '"present"' "$dir/out/last"
}
