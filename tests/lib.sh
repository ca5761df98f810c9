# shellcheck shell=bash
# Shared by the host-side test scripts: where things are, packages, messages.
# Sourced with top= set to the repository.

# What the caller's shell, or a 'make' that started this, has for other work: these change what
# commands do, or what the Makefiles here are told
unset CDPATH GREP_OPTIONS TAR_OPTIONS QUOTING_STYLE MAKEFILES MAKEFLAGS MFLAGS GNUMAKEFLAGS \
	MAKELEVEL KDIR O LLVM DESTDIR PREFIX UNITDIR UDEVDIR CONFDIR DOCDIR \
	INSTALL_MOD_PATH INSTALL_MOD_DIR
export LC_ALL=C.UTF-8
umask 022
case ${TMPDIR:-} in
*[!A-Za-z0-9_./+@~-]*) unset TMPDIR ;;
esac
# That of a user has no chroot and no modprobe
PATH=$PATH:/usr/sbin:/sbin

# shellcheck disable=SC2154,SC2034
build=${PMA_BUILD:-$top/build}
default_cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/pmem_altmap
# shellcheck disable=SC2034
cache=${PMA_CACHE:-$default_cache}

say() {
	printf '%s\n' "== $*" >&2
}

die() {
	printf '%s\n' "error: $*" >&2
	exit 1
}

# claim VARIABLE FOLDER: tests remove what is in it, so it has to be theirs: new, empty, or
# marked when it was, itself or a folder above it
claim() {
	local folder=$2

	while [ -n "$folder" ]; do
		[ ! -e "$folder/.pmem_altmap" ] || return 0
		folder=${folder%/*}
	done
	# Such as there were before the mark, or new, or empty
	compgen -G "$2/root-*/.complete" >/dev/null || [ ! -e "$2" ] ||
		{ [ -d "$2" ] && [ -z "$(ls -A -- "$2")" ]; } ||
		die "$1 is $2, where files are that no test has put there: name a new or an empty folder"
	mkdir -p -- "$2" || die "$1 is $2, which cannot be made"
	echo "The tests of pmem_altmap remove what is in this folder" >"$2/.pmem_altmap" ||
		die "$1 is $2, which cannot be written"
}

# Neither QEMU nor dpkg, rpm and mmdebstrap take any path
answer=$(sh "$top/scripts/paths.sh" prefix "this tree's folder" "$top" \
	prefix PMA_BUILD "$build" prefix PMA_CACHE "$cache")
[ "$answer" = ok ] || die "$answer"
case $build/ in
"$top"/build/*) ;;
*) claim PMA_BUILD "$build" ;;
esac
[ "$cache" = "$default_cache" ] || claim PMA_CACHE "$cache"

# took SECONDS NAME: a piece of a run, for the list of what took longest
took() {
	[ ! -e "$build/times" ] || printf '%4d %s\n' "$1" "$2" >>"$build/times"
}

# need COMMAND=PACKAGE ...: install the packages whose commands are missing.
# A command that starts with / is a file.
need() {
	local pair command missing=()

	for pair in "$@"; do
		command=${pair%%=*}
		case $command in
		/*) [ -e "$command" ] && continue ;;
		*) command -v "$command" >/dev/null && continue ;;
		esac
		missing+=("${pair#*=}")
	done
	[ "${#missing[@]}" -eq 0 ] && return
	[ "$(id -u)" -eq 0 ] ||
		die "missing packages: ${missing[*]}: run 'apt-get install ${missing[*]}' or this command as root"
	say "installing ${missing[*]}"
	# Another part may be about to do the same
	mkdir -p "$build"
	(
		flock 7
		apt-get update -qq >&2 || say "apt-get update failed, going on with the lists there are"
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			-o DPkg::Lock::Timeout=300 --no-install-recommends "${missing[@]}" >&2
	) 7>"$build/apt-lock" || die "cannot install ${missing[*]}"
}

# The kernels to test: those of KERNEL, else those of 'make check', or with PMA_ALL=1 all
kernels() {
	if [ -n "${KERNEL:-}" ]; then
		# shellcheck disable=SC2086 # words
		printf '%s\n' $KERNEL
	else
		awk -v all="${PMA_ALL:-}" \
			'!/^#/ && ($5 == "check" || (all && $5 == "all")) { print $1 }' \
			"$top/tests/vm/kernels"
	fi
}

# in_root ROOT COMMAND...: with a clean environment, and /proc, which objtool reads
in_root() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount sh -ec 'mount -t proc proc "$1/proc"; exec chroot "$@"' sh \
		"$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 "${@:2}"
}

# One run at a time may use the build folder; what it starts inherits the lock
lock_build() {
	[ -n "${PMA_LOCKED:-}" ] && return
	mkdir -p "$build"
	exec 8>"$build/lock"
	flock -n 8 || die "another run uses $build: wait for it, or set PMA_BUILD to another folder"
	export PMA_LOCKED=1
}

# What a kernel says when it starts its init
booted='Run /.* as init process'

# What a kernel says when it dies
died='Oops|BUG:|Kernel panic|general protection|double fault|invalid opcode'

# unbooted LOG: whether the emulated kernel said something and then ended, died or stood
# still, before any of ours ran: the log of one that has died names the modules that are
# loaded. QEMU's emulation of two CPUs is not perfect: once in some fifty boots of a
# distribution's root a kernel dies of an int3 while it patches its own code, and once in
# some thousand boots it comes to a stop before its init.
unbooted() {
	[ -s "$1/console" ] && ! grep -aq pmem_altmap "$1/console" &&
		! grep -aqsE '^(not )?ok ' "$1/output" &&
		{ [ -e "$1/stood-still" ] || grep -aqE "$died" "$1/console" ||
			! grep -aq "$booted" "$1/console"; }
}

# guest KERNEL TEST STREAM: boot it; its results are in build/vm/KERNEL/log/TEST. A boot
# that failed is no result: it is booted again, once, and says so.
guest() {
	local log=$build/vm/$1/log/$2

	"$top/tests/vm/guest.sh" "$1" "$2" >"$3" 2>&1 || :
	if unbooted "$log"; then
		echo "# $1 $2: the emulated kernel did not boot, before any test: again"
		mkdir -p "$build/vm/unbooted"
		cp "$log/console" "$build/vm/unbooted/$1-$2"
		"$top/tests/vm/guest.sh" "$1" "$2" >"$3" 2>&1 || :
	fi
}

# check NAME COMMAND...: passes when the command does; what it says is shown if not.
# Counts in n and failed, writes to $log: the caller sets all three.
check() {
	local name=$1 began

	shift
	n=$((n + 1))
	began=$(date +%s)
	if "$@" >"$log" 2>&1; then
		echo "ok $n - $name"
	else
		failed=$((failed + 1))
		echo "not ok $n - $name"
		sed 's/^/# /' "$log" | head -n 60
	fi
	took $(($(date +%s) - began)) "$name"
}

# tap_sum FILE...: "passed failed skipped" of (K)TAP files, plans checked. Only
# top-level lines count.
tap_sum() {
	awk '
	function close_file() {
		if (file != "" && plan != seen) {
			failed++
			printf "not ok - %s: %d tests planned, %d seen\n",
				file, plan, seen > "/dev/stderr"
		}
		plan = seen = 0
	}
	FNR == 1 { close_file(); file = FILENAME }
	/^1\.\.[0-9]+/ { sub(/^1\.\./, ""); plan = $1 + 0 }
	/^ok / { seen++; if (/# SKIP/) skipped++; else passed++ }
	/^not ok / { seen++; failed++ }
	END {
		close_file()
		print passed + 0, failed + 0, skipped + 0
	}' "$@"
}
