# shellcheck shell=bash
# For run.sh: the documents agree with the tree. sources() is its.
# shellcheck disable=SC2016 # Markdown's ticks

# A newcomer reads it to the end
readme_short() {
	local lines

	lines=$(wc -l <README.md)
	echo "README.md has $lines lines, 160 are allowed"
	[ "$lines" -le 160 ]
}

# anchors FILE: those that its headings have where it is shown as a page
anchors() {
	sed -nE '/^```/,/^```/d; s/^#+ +(.*)/\1/p' "$1" | tr '[:upper:]' '[:lower:]' |
		sed -E 's/[^a-z0-9_ -]//g; s/ /-/g'
}

# Every link within the tree leads to a file, and to a heading of it if it names one
links_resolve() {
	local page link file anchor bad=0

	while IFS=: read -r page link; do
		file=${link%%#*}
		anchor=${link#"$file"}
		file=${file:+$(dirname "$page")/$file}
		file=${file:-$page}
		if [ ! -e "$file" ]; then
			echo "$page: $link leads nowhere"
			bad=1
		elif [ -n "$anchor" ] && ! anchors "$file" | grep -qxF -- "${anchor#\#}"; then
			echo "$page: $file has no heading ${anchor#\#}"
			bad=1
		fi
	done < <(sources '*.md' | xargs grep -oHE '\]\([^)]+\)' | sed -E 's/:\]\((.*)\)$/:\1/' |
		grep -vE '^[^:]*:[a-z]+:')
	return $bad
}

# The index has each page and folder of docs, and nothing else
pages_indexed() {
	diff <(sources docs | sed -E 's|^docs/||; s|/.*||' | grep -vx README.md | sort -u) \
		<(grep '^|' docs/README.md | grep -oE '\]\([^)]+\)' | sed -E 's/^\]\((.*)\)$/\1/' | sort -u) |
		sed 's/^</not in the index:/; s/^>/not in docs:/' | grep . && return 1
	return 0
}

# The README's kernels are those of the table that the tests run
kernels_listed() {
	diff <(sed -nE 's/^\| ([0-9][^ ]*) \| ([a-z-]+) \| `make (check|check-all)` \|$/\1 \2 \3/p' README.md) \
		<(awk '!/^#/ && $5 != "debug" {
			sub(/.*\+/, "", $2)
			print $1, $2, $5 == "all" ? "check-all" : "check"
		}' tests/vm/kernels)
}

# Each errno that something is refused with has its words in the table of errors
errors_listed() {
	local name words bad=0

	while read -r name; do
		words=$(LC_ALL=C perl -MErrno -e '$! = Errno->can($ARGV[0])->(); print $!' "$name")
		grep -qF "| $words |" docs/errors.md || {
			echo "docs/errors.md lacks $name, \"$words\""
			bad=1
		}
	done < <(sources 'src/*.c' | xargs grep -ohE 'pma_refuse\([^,()]*, *-E[A-Z]+' | grep -oE 'E[A-Z]+$' | sort -u)
	return $bad
}

# ratios FILE: "kernel row ratio" of each row whose ratio is known. In docs/benchmarks.md a
# kernel has a section, and the ratio of instructions is the last column; in
# docs/performance.md a kernel has a column.
ratios_measured() {
	awk -F ' *[|] *' '/^## Kernel / { kernel = substr($0, 11) }
		kernel && NF > 3 && $(NF - 1) ~ /^[0-9.]+$/ { print kernel, $2, $(NF - 1) }' "$1"
}

ratios_quoted() {
	awk -F ' *[|] *' '$2 == "row" { for (i = 3; i < NF; i++) kernel[i] = $i; next }
		NF > 4 && $3 ~ /^[0-9.]+$/ { for (i = 3; $i ~ /^[0-9.]+$/; i++) print kernel[i], $2, $i }' "$1"
}

# The ratios that are quoted are those that were measured, each with its kernel
figures_measured() {
	local unknown

	[ "$(ratios_quoted docs/performance.md | wc -l)" -gt 20 ] || {
		echo "docs/performance.md quotes next to nothing, or has another form"
		return 1
	}
	unknown=$(ratios_quoted docs/performance.md | grep -vxFf <(ratios_measured docs/benchmarks.md)) || return 0
	echo "docs/performance.md says what docs/benchmarks.md does not: $unknown"
	return 1
}

# The example of the counters has every file, and the numbers that a guest has seen
counters_shown() {
	local key value bad=0

	diff <(sed -nE 's/^    ([a-z_]+):[a-z0-9]+$/\1/p' docs/counters.md) \
		<(sed -n 's|^What:.*/providers/<namespace>/\(..*\)|\1|p' docs/ABI/debugfs-pmem_altmap | sort) || bad=1
	while IFS=: read -r key value; do
		case $key in
		pinned) continue ;; # 'list -v' alone counts them
		dram_memmap) key=memmap_dram ;;
		esac
		grep -qE "\"$key\":\"?$value\"?,?$" docs/altmapctl-transcript.md || {
			echo "docs/counters.md: the transcript has no \"$key\":$value"
			bad=1
		}
	done < <(sed -nE 's/^    ([a-z_]+:[a-z0-9]+)$/\1/p' docs/counters.md)
	return $bad
}

# The functions and states that the page of the lifecycle names are there
lifecycle_names() {
	local name bad=0

	while read -r name; do
		sources src include | xargs grep -qw -- "$name" || {
			echo "docs/lifecycle.md names $name, which is nowhere in src or include"
			bad=1
		}
	done < <(grep -oE '[a-z_]+\(\)|PMA_[A-Z]+|PM_[A-Z_]+' docs/lifecycle.md | tr -d '()' | sort -u)
	return $bad
}

check_documents() {
	check "README.md is short" readme_short
	check "the documents' links lead somewhere" links_resolve
	check "the index of docs is complete" pages_indexed
	check "README.md names the kernels that are tested" kernels_listed
	check "the errors are documented" errors_listed
	check "the figures that are quoted were measured" figures_measured
	check "the example of the counters is a real one" counters_shown
	check "the page of the lifecycle names what there is" lifecycle_names
}
