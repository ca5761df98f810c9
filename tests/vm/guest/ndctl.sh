# What ndctl and daxctl say and do while a namespace is attached, as /dev/namespace0.0 and
# for libpmem2 as /dev/dax0.0: the table of docs/ndctl.md, which ndctl.host compares. No
# byte is lost by any of it.
# guest: mem=2G
# guest: nvdimm=1026M,label-size=2M
. ./lib.sh

ns=namespace0.0
dax_pmem=$bus/drivers/dax_pmem
bytes=4194304
# NODE is the node's name, dax0.0 or namespace0.0
cat >/tmp/commands <<END
ndctl disable-namespace $ns
ndctl destroy-namespace $ns
ndctl destroy-namespace -f $ns
ndctl create-namespace -e $ns -m fsdax
ndctl create-namespace -f -e $ns -m fsdax
ndctl create-namespace -r region0
ndctl enable-namespace $ns
ndctl clear-errors $ns
ndctl check-namespace $ns
ndctl check-namespace -f $ns
ndctl read-infoblock $ns
ndctl write-infoblock -m devdax $ns
ndctl disable-region region0
ndctl enable-region region0
ndctl disable-dimm nmem0
ndctl zero-labels nmem0
ndctl init-labels -f nmem0
daxctl reconfigure-device -m system-ram -N NODE
daxctl reconfigure-device -m devdax NODE
daxctl reconfigure-device --check-config /dev/NODE
daxctl disable-device NODE
daxctl destroy-device -f NODE
END
plan $((2 * $(wc -l </tmp/commands) + 6))

must load_stock
real_labels region0 nmem0
must ndctl create-namespace -r region0 --mode=devdax --map=dev
must modprobe pmem_altmap

# take FORM: attach it so, from whatever a command has left
take() {
	form=$1
	must ndctl enable-namespace $ns
	holder=$(cat $bus/devices/$ns/holder)
	if [ "$form" = dax ]; then
		node=dax0.0
		must write "$holder" $dax_pmem/unbind
	else
		node=$ns
		must ndctl disable-namespace $ns
	fi
	must attach $ns
}

attached() {
	[ "$(cat $providers/$ns/state 2>/dev/null)" = attached ] && [ -c "/dev/$node" ]
}

# The first line that speaks of an error, and the last; JSON is left out
words() {
	grep -v '^ *[]{}["]\|^$' /tmp/out >/tmp/lines
	{
		grep -i 'error\|fail' /tmp/lines | head -n 1
		tail -n 1 /tmp/lines
	} | awk '!seen[$0]++ {
		sub(/^ *(Error: )?/, "")
		printf "%s%s", between, $0
		between = " / "
	}'
}

# tried COMMAND...: as a cell of the table
tried() {
	timeout 60 "$@" </dev/null >/tmp/out 2>&1
	tried_rc=$?
	tried_words=$(words)
	tried_end=
	attached || tried_end=": **detached**"
	echo "${tried_words:+\`$tried_words\`, }status $tried_rc$tried_end"
}

each() {
	take "$1"
	sum=$(daxfill "/dev/$node" $bytes fill "$2")
	: >"/tmp/cells-$1"
	while read -r line; do
		# shellcheck disable=SC2046 # words
		cell=$(tried $(echo "$line" | sed "s/NODE/$node/"))
		echo "$cell" >>"/tmp/cells-$1"
		attached || take "$1"
		is "$(daxfill "/dev/$node" $bytes sum)" "$sum" "$1: $line: no byte is lost"
		diag "$cell"
	done </tmp/commands
}

each namespace 1
is "$(grep -c detached /tmp/cells-namespace)" 0 "none of them detaches /dev/$ns"
out=$(ndctl list -n $ns)
is "$(field "$out" mode) $(field "$out" chardev) $(field "$out" state)" "raw  " "ndctl list calls it raw"
must detach $ns
each dax 2
is "$(grep -c detached /tmp/cells-dax)" 4 "four detach /dev/dax0.0"
out=$(ndctl list -i -n $ns)
is "$(field "$out" mode) $(field "$out" chardev) $(field "$out" state)" "devdax dax0.0 disabled" "ndctl list -i shows it as disabled"
must detach $ns
must write "$holder" $dax_pmem/bind
is "$(field "$(ndctl list -n $ns)" chardev)" dax0.0 "the stock driver has it back"
is "$(daxfill /dev/dax0.0 $bytes sum)" "$sum" "and its bytes"
# shellcheck disable=SC2016 # Markdown's ticks
paste -d '|' /tmp/commands /tmp/cells-namespace /tmp/cells-dax |
	sed 's/^\([^|]*\)|\([^|]*\)|\(.*\)$/#md | `\1` | \2 | \3 |/'
