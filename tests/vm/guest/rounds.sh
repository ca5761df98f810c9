# Attaching and detaching, again and again, costs no memory: not DRAM, not slab, not
# vmalloc. The namespace ends inside of a section, so that some memmap is in DRAM, too.
# On the kernel's command line:
#   pma_rounds=N             how many rounds, 30 unless told, 10 in a debug kernel
#   pma_driver=ours          or stock (--map=dev), stock-mem (--map=mem): those are measured,
#                            not judged
#   pma_align=2M
# and PMA_ROUNDS_SIZE on the host is the size of the namespace: see rounds.host and
# tests/debug/rounds.sh, which does the long runs.
# One CPU: its list of free pages is all there is beside the zone's
# guest: smp=1
# guest: silence=180
. ./lib.sh

# parameter NAME DEFAULT: of the kernel's command line
parameter() {
	p_value=$(sed -n "s/.*pma_$1=\([^ ]*\).*/\1/p" /proc/cmdline)
	echo "${p_value:-$2}"
}

wanted=$(parameter rounds "$([ -e /sys/kernel/debug/kmemleak ] && echo 10 || echo 30)")
driver=$(parameter driver ours)
align=$(parameter align 2M)
# A debug kernel keeps what is freed for a while, and has kmemleak to look for leaks
judged=no
[ "$driver" != ours ] || [ -e /sys/kernel/debug/kmemleak ] || judged=yes
plan "$([ $judged = yes ] && echo 6 || echo 1)"

ns=namespace0.0
stock=$bus/drivers/dax_pmem
must load_stock
must modprobe pmem_altmap
map=dev
[ "$driver" != stock-mem ] || map=mem
must ndctl create-namespace -f -e $ns --mode=devdax --map=$map --align="$align"
node=/dev/$(dax_of $ns)
dax=$(cat $bus/devices/$ns/holder)
if [ "$driver" = ours ]; then
	must ndctl disable-namespace $ns
	node=/dev/$ns
else
	must write "$dax" $stock/unbind
fi

# Nothing here forks: a process costs more than attaching does
one_round() {
	if [ "$driver" = ours ]; then
		echo $ns >$drv/allow && echo $ns >$drv/bind && [ -c "$node" ] &&
			echo $ns >$drv/unbind && [ ! -e "$node" ]
	else
		echo "$dax" >$stock/bind && [ -c "$node" ] &&
			echo "$dax" >$stock/unbind && [ ! -e "$node" ]
	fi
}

# rounds FROM TO: those behind FROM; $round is the last that went well
rounds() {
	round=$1
	while [ "$round" -lt "$2" ]; do
		one_round || return
		round=$((round + 1))
	done
}

# A file of samples that does not grow while it is written
dd if=/dev/zero of=/tmp/samples bs=64K count=32 2>/dev/null
exec 5<>/tmp/samples

# sample ROUND: "ROUND FIELD VALUE" for everything that could grow. What the allocators
# keep for later is given back first, so that an object is an object; the CPUs' own lists
# of free pages cannot be, and are counted as free in dram_free and dram_available.
sample() {
	echo 3 >/proc/sys/vm/drop_caches
	s_free=$(mem_free)
	for s_shrink in /sys/kernel/slab/*/shrink; do
		echo 1 >"$s_shrink"
	done
	s_free=$(mem_free)
	awk -v round="$1" -v free="$s_free" '
	FILENAME == "/proc/meminfo" && $3 == "kB" {
		sub(":", "", $1)
		mem[$1] = $2 * 1024
		if ($1 ~ /^(MemAvailable|Slab|SUnreclaim|VmallocUsed|PageTables|Percpu|KernelStack)$/)
			print round, $1, mem[$1]
	}
	FILENAME == "/proc/vmstat" && $1 ~ /^nr_/ &&
	$1 !~ /^nr_(free_pages|dirt|writ|vmscan|throttled|foll_pin|tlb|kernel_stack)/ {
		print round, "vmstat:" $1, $2 * 4096
	}
	FILENAME == "/proc/slabinfo" && FNR > 2 { print round, "slab:" $1, $2 }
	END {
		print round, "dram_free", free
		print round, "dram_available", mem["MemAvailable"] + free - mem["MemFree"]
	}' /proc/meminfo /proc/vmstat /proc/slabinfo >&5
	# For who stops a long run
	diag "after $1 rounds: $s_free bytes of DRAM free"
}

# What the first rounds fill is no leak
warm=$((wanted / 10 + 2))
[ $warm -le 20 ] || warm=20
sampled=5
[ "$wanted" -lt 200 ] || sampled=20
must rounds 0 $warm
sample 0
sample 0
took=0
i=1
last=0
while [ $i -le $sampled ]; do
	start=$(cut -d' ' -f1 /proc/uptime)
	rounds "$last" $((wanted * i / sampled)) || break
	took="$took $start $(cut -d' ' -f1 /proc/uptime)"
	last=$round
	sample "$last"
	i=$((i + 1))
done
exec 5>&-
tr -d '\000' </tmp/samples >/tmp/samples.text

size=$(($(cat $bus/devices/$ns/size) >> 20))
per_round=$(echo "$took" | awk -v n="$round" '{ for (i = 2; i < NF; i += 2) t += $(i + 1) - $i; printf "%.3f", t / n }')
diag "rounds: $driver, $size MiB, align $align, $round rounds of $per_round s, $(uname -r)"
is "$round" "$wanted" "$driver, $size MiB: attaches and detaches in every round"

# The slope of a field over the rounds, by least squares: "FIELD SLOPE FIRST LAST"
awk '
# Taking the first sample fills caches as well: what counts is the second one
$1 == 0 && !seen[$2]++ { next }
{
	n[$2]++; x[$2] += $1; y[$2] += $3; xx[$2] += $1 * $1; xy[$2] += $1 * $3
	if ($1 == 0) first[$2] = $3
	last[$2] = $3
}
END {
	for (f in n) {
		d = n[f] * xx[f] - x[f] * x[f]
		printf "%s %.3f %.0f %.0f\n", f, d ? (n[f] * xy[f] - x[f] * y[f]) / d : 0, first[f], last[f]
	}
}' /tmp/samples.text | sort >/tmp/slopes
diag "slope FIELD PER-ROUND FIRST LAST"
awk '$2 != 0 || $1 !~ /:/ || $1 ~ /nr_memmap/ { print "slope " $0 }' /tmp/slopes | sed 's/^/# /'
[ $judged = yes ] || exit 0

# flat NAME PATTERN SIGN NOISE PER-ROUND: no field of the pattern grows (SIGN 1) or falls
# (-1) by more than NOISE and PER-ROUND for each round
flat() {
	awk -v pattern="^($2)\$" -v sign="$3" -v bound="$(($4 + $5 * wanted))" -v n="$wanted" '
	$1 ~ pattern {
		fields++
		if ($2 * sign * n > bound) print "more than " bound " in " n " rounds: " $0
	}
	END { if (!fields) print "no such field" }' /tmp/slopes >/tmp/bad
	ok "$(grep -c . /tmp/bad)" "$driver, $size MiB: $1"
	sed 's/^/# /' /tmp/bad
}

# 16 bytes for each round would be 16 MB in a million. What is beside it is some times what
# this guest was seen to vary by, in however many rounds. The list of the CPU holds up to
# some MiB, which MemAvailable lacks.
flat "free DRAM is flat" "dram_free|dram_available" -1 262144 16
flat "MemAvailable is flat" MemAvailable -1 8388608 16
flat "slab, vmalloc, page tables and percpu are flat" \
	"Slab|SUnreclaim|VmallocUsed|PageTables|Percpu|KernelStack" 1 262144 16
flat "what /proc/vmstat counts is flat" "vmstat:.*" 1 262144 16
# Objects: 1000 rounds show what is lost in every second one
flat "no slab cache grows" "slab:.*" 1 512 0
