#!/bin/bash
# run.sh: the static checks. Prints TAP.
set -u
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"
. "$top/tests/static/documents.sh"
cd "$top" || exit 1

need perl=perl shellcheck=shellcheck clang-format=clang-format
mkdir -p "$build/static"
log=$build/static/log
n=0
failed=0

[ -n "$(git ls-files 2>/dev/null)" ] ||
	die "git lists no files here: run this in a git checkout that git trusts"

# Everything that git would take, so that a check passes before the commit
sources() {
	git ls-files -co --exclude-standard -- "$@"
}

checkpatch() {
	local script

	script=$(tests/static/checkpatch.sh) || return
	# -f is for files in a tree without the kernel's own; the probes are fragments
	# that declare what they define. Kbuild's comments carry the licence.
	local options=(
		--strict --no-tree --no-summary --terse --show-types -f --max-line-length=100
	)
	sources 'src/*.[ch]' 'include/*.h' 'samples/*.[ch]' 'tests/vm/modules/*.[ch]' \
		':!src/compat/probe' ':!src/trace/trace.h' |
		xargs perl "$script" "${options[@]}" --ignore FILE_PATH_CHANGES || return
	# TRACE_EVENT() is laid out in its own way everywhere
	perl "$script" "${options[@]}" \
		--ignore FILE_PATH_CHANGES,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT src/trace/trace.h
}

# Every comment that claims to be kernel-doc is
kernel_doc() {
	local root script

	root=$(tests/vm/root.sh "$1") || return
	script=$(echo "$root"/usr/lib/linux-kbuild-*/scripts/kernel-doc)
	sources 'src/*.[ch]' 'include/*.h' ':!src/compat/probe' | xargs perl "$script" -none -Werror
}

compiler() {
	local dir

	dir=$(tests/vm/build.sh "$1") || return
	! grep -E 'warning:|error:' "$dir/build.log"
}

sparse() {
	tests/static/sparse.sh "$1"
}

# Each fact that is probed is used, each that is used is probed, nothing but
# compat.h knows them, and the versions of kernels are nobody's business
facts() {
	local probed used bad=0

	probed=$(sed -n '/^pma-facts :=/,/[^\\]$/p' Kbuild | sed 's/^pma-facts :=//; s/\\$//' |
		xargs printf '%s\n' | tr '[:lower:]' '[:upper:]' | sort)
	used=$(grep -ohE 'PMA_HAVE_[A-Z0-9_]+' src/compat/*.h |
		sed 's/PMA_HAVE_//' | sort -u)
	diff <(echo "$probed") <(echo "$used") || bad=1
	diff <(echo "$probed") <(cd src/compat/probe && printf '%s\n' *.c |
		sed '/^sentinel_/d; s/\.c$//' | tr '[:lower:]' '[:upper:]' | sort) || bad=1
	sources 'src/*.[ch]' ':!src/compat' | xargs grep -n PMA_HAVE_ && bad=1
	sources 'src/*' Kbuild |
		xargs grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION\(|RHEL_RELEASE' && bad=1
	return $bad
}

# layers TOP: which folder of TOP/ may include which, as the table in standard input says: a
# folder and those it may include. It may always include its own headers. What the table
# allows has no circle: tsort says so.
layers() {
	local bad=0 folder allowed used

	while read -r folder allowed; do
		# shellcheck disable=SC2086 # words
		printf "$folder %s\n" $folder $allowed
	done >"$build/static/allowed"
	tsort "$build/static/allowed" >/dev/null || bad=1
	for folder in "$1"/*/; do
		folder=$(basename "$folder")
		sources "$1/$folder/*.[ch]" | xargs -r grep -ohE '^#include "[a-z]+/' |
			sed -E 's/.*"(.*)\//\1/' | sort -u |
			while read -r used; do
				grep -qxF "$folder $used" "$build/static/allowed" ||
					echo "$1/$folder includes $used"
			done
	done >"$build/static/arrows"
	[ ! -s "$build/static/arrows" ] || bad=1
	cat "$build/static/arrows"
	return $bad
}

# circles TOP: nor may two files below it need each other
circles() {
	sources "$1/*/*.[ch]" | xargs grep -oE '^#include "[a-z_]+/[a-z_]+' |
		sed -E "s|^$1/([a-z]+/[a-z_]+)\\.[ch]:#include \"|\\1 |" | awk '$1 != $2' | sort -u |
		tsort >/dev/null
}

# The layers of the design
arrows() {
	local bad=0

	layers src <<-EOF || bad=1
	compat
	plan
	trace plan
	map plan trace compat
	core map plan trace compat
	node core map plan trace compat
	nd node core map plan compat
	show nd core map plan trace compat
	EOF
	# plan is the module's
	layers cli <<-EOF || bad=1
	output plan
	system output plan
	module system output plan
	libnvdimm module system output plan
	use libnvdimm module system output plan
	forecast use libnvdimm module system output plan
	attach forecast use libnvdimm module system output plan
	doctor module system output plan
	cmd attach doctor forecast use libnvdimm module system output plan
	EOF
	circles src || bad=1
	circles cli || bad=1
	# A file in no folder would be in no layer
	! sources 'cli/*.[ch]' | grep -v '^cli/[a-z]*/[a-z_]*\.[ch]$' || bad=1
	return $bad
}

# Physical addresses and page frames are in lines of errors only: see SECURITY.md. A
# statement is read to its end, since formats and arguments are on lines of their own.
addresses() {
	# shellcheck disable=SC2016 # awk's
	sources 'src/*.[ch]' ':!src/trace' | xargs awk '
		FNR == 1 { text = "" }
		/(pr|dev)_(info|notice|warn|dbg)(_ratelimited|_once)?\(|_ratelimited\(/ { text = ""; at = FNR; on = 1 }
		on { text = text $0 }
		on && /\);$/ {
			if (text ~ /%p[aRrxK]|\[mem |pfn %|physical|plan(->|\.)start|base_pfn/)
				print FILENAME ":" at ": " text
			on = 0
		}' | grep . && return 1
	# No address of the kernel at all
	! sources 'src/*.[ch]' | xargs grep -nE '%p(x|K|[^A-Za-z]|")'
}

versions() {
	local module conf

	module=$(sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' src/main.c)
	conf=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
	echo "src/main.c says '$module', dkms.conf '$conf'"
	[ -n "$module" ] && [ "$module" = "$conf" ]
}

lengths() {
	! sources 'src/*.[ch]' 'tests/*.[ch]' 'tests/*.sh' 'include/*.h' 'cli/*.[ch]' |
		xargs wc -l | awk '$2 != "total" && $1 > 500' | grep .
}

# The files that README and docs show are those the module makes
debugfs_documented() {
	diff <(sed -n 's/^\tdebugfs_create_file("\(.*\)", 0444, dir, NULL.*/\1/p' src/show/debugfs_census.c | sort) \
		<(sed -n 's|^What:.*/pmem_altmap/\([a-z_]*\)$|\1|p' docs/ABI/debugfs-pmem_altmap | sort) || return
	diff <(sed -n 's/.*\[FILE_[A-Z_]*\] = "\(.*\)",/\1/p' src/show/debugfs.c | sort) \
		<(sed -n 's|^What:.*/providers/<namespace>/\(..*\)|\1|p' \
			docs/ABI/debugfs-pmem_altmap | sort)
}

# But for what says which version it is
exported() {
	sed -n 's/^EXPORT_SYMBOL_GPL(\(.*\));/\1/p' src/core/api.c | grep -v '^pmem_altmap_api_[0-9]*$' | sort
}

# The page of the interface is what kernel-doc makes of it, and has all that is exported
api_documented() {
	diff docs/api.rst <(tests/static/api-doc.sh "$1") || return
	diff <(exported) \
		<(sed -n 's/^\.\. c:function:: .*\<\(\(devm_\|__\)\?pmem_altmap_[a-z_]*\) (.*/\1/p' docs/api.rst | sort) || return
	diff <(exported) \
		<(grep -oE '\<(devm_|__)?pmem_altmap_[a-z_]*\(' include/linux/pmem_altmap.h | grep -vE '^pmem_altmap_(add|get|remove)\($' |
			cat - <(echo 'pmem_altmap_get(') | tr -d '(' | sort -u) || return
	! grep -rn 'EXPORT_SYMBOL' src ':!src/core/api.c' 2>/dev/null | grep -v '^src/core/api.c:'
}

# The tracepoints are those of the table, and the examples those that a guest runs
tracing_documented() {
	local line rc=0

	# shellcheck disable=SC2016 # Markdown's ticks
	diff <(sed -n 's/^TRACE_EVENT(\(.*\),$/\1/p' src/trace/trace.h | sort) \
		<(sed -n 's/^| `\(pmem_altmap_[a-z_]*\)` .*/\1/p' docs/tracing.md | sort) || return
	while read -r line; do
		grep -qF "$line" tests/vm/guest/trace.sh || {
			echo "docs/tracing.md shows what no test runs: $line"
			rc=1
		}
	done < <(sed -n 's/^    \(.*\)/\1/p' docs/tracing.md)
	return $rc
}

# The table of who can do what is the one that a guest tries
access_documented() {
	diff <(grep '^|' docs/access.md) tests/vm/guest/access.table
}

format() {
	sources 'tests/*.[ch]' 'cli/*.[ch]' ':!tests/vm/modules' | xargs clang-format --dry-run -Werror
}

# The guests' shell is busybox's; their scripts share lib.sh
shell() {
	local bad=0

	sources 'tests/*.sh' 'scripts/*.sh' .ci/run | grep -v '^tests/vm/guest/' |
		xargs shellcheck -x -P tests -e SC1090,SC1091,SC2317 || bad=1
	shellcheck -s bash cli/completion/altmapctl || bad=1
	sources 'tests/vm/guest/*.host' | xargs shellcheck -s bash -e SC2034,SC2154 || bad=1
	sources 'tests/vm/guest/*.sh' tests/vm/guest/init |
		xargs shellcheck -s dash -x -P SCRIPTDIR -e SC1091,SC2012,SC2034,SC2154 || bad=1
	return $bad
}

check "checkpatch --strict" checkpatch
check "kernel-doc" kernel_doc 6.1
for kernel in $(kernels); do
	check "no warnings at W=1 for $kernel" compiler "$kernel"
	case $kernel in
	7.*) ;; # these headers lack the script by which kbuild looks for sparse
	*) check "sparse is content with $kernel" sparse "$kernel" ;;
	esac
	check "the build stops where it must for $kernel" tests/static/kbuild.sh "$kernel"
done
check "probes are used, and nobody else knows about versions" facts
check "folders include only what they may" arrows
check "log lines below an error have no physical addresses" addresses
check "the versions agree" versions
check "files are short" lengths
check "the debugfs files are documented" debugfs_documented
check "the interface for other modules is documented" api_documented 6.1
check "the tracepoints are documented" tracing_documented
check "the table of access is the one that is tested" access_documented
check_documents
check "clang-format for user space" format
check "shellcheck" shell
echo "1..$n"
[ "$failed" -eq 0 ]
