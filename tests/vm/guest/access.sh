# Who can open, map, read, attach and detach what: the table access.table, which is in
# docs/access.md too, is tried cell by cell, ours and the stock driver's. And nothing but
# data can be read through the node: every word of the data says where it is, and whatever
# can be mapped is looked at. The host looks whether that would have found the memmap.
# guest: nvdimm=320M
. ./lib.sh

table=access.table
# All but the heading and the line below it
rows=$(($(wc -l <$table) - 2))
plan $((rows + 10))

ns=namespace0.0
top=/sys/kernel/debug/pmem_altmap
stock=$bus/drivers/dax_pmem
must mount -t securityfs securityfs /sys/kernel/security
# As if somebody wanted everybody to look
must chmod 755 /sys/kernel/debug
must load_stock
must modprobe pmem_altmap
must devdax_create $ns
chardev=$(dax_of $ns)
size=$(cat "/sys/bus/dax/devices/$chardev/size")
align=$(cat "/sys/bus/dax/devices/$chardev/align")
data=$(($(cat "/sys/bus/dax/devices/$chardev/resource")))
start=$(($(cat $bus/devices/$ns/resource)))
# Behind what is lost to alignment
memmap=$((start + 2097152))
dax=$(cat $bus/devices/$ns/holder)

# have DRIVER attached|named|detached: by root, where it is not so already
have() {
	[ "$state" = "$*" ] && return
	case "$*" in
	"ours attached") [ -e $drv/$ns ] || attach $ns ;;
	"ours named") must have ours detached && allow $ns ;;
	"ours detached")
		[ ! -e $drv/$ns ] || echo $ns >$drv/unbind
		echo >$drv/allow
		;;
	"stock attached") [ -e "$stock/$dax" ] || echo "$dax" >$stock/bind ;;
	"stock detached") [ ! -e "$stock/$dax" ] || echo "$dax" >$stock/unbind ;;
	esac || diag "cannot have $*"
	state=$*
}

switch_to() {
	if [ "$1" = ours ]; then
		must ndctl disable-namespace $ns
		driver=ours node=/dev/$ns
	else
		have ours detached
		must ndctl enable-namespace $ns
		driver=stock node=/dev/$chardev
	fi
	state=
	have $driver attached
	number
	sysfs=$(readlink -f "/sys/dev/char/$major:$minor")
}

# It is another one after a detach
number() {
	# shellcheck disable=SC2046 # words
	set -- $(stat -c '0x%t 0x%T' "$node")
	major=$(($1)) minor=$(($2))
}

# cell WHO ROW: what comes of it
cell() {
	case $2 in
	"open the node") attempt "$1" open "$node" ;;
	"map the node") attempt "$1" map "$node" "$align" ;;
	"make a node of its own")
		number
		attempt "$1" mknod $major $minor
		;;
	"page frame numbers of a mapping") attempt "$1" pagemap "$node" "$align" ;;
	"read a root process's mapping") attempt "$1" peek "$node" "$align" ;;
	"read its size in sysfs") attempt "$1" read "$sysfs/size" ;;
	"read its address in sysfs") attempt "$1" read "$sysfs/resource" ;;
	"list the folder in debugfs") attempt "$1" list $top ;;
	"read a provider's file") attempt "$1" read $providers/$ns/state ;;
	"mount debugfs elsewhere") attempt "$1" mount debugfs ;;
	"read allow") attempt "$1" read $drv/allow ;;
	"write allow") attempt "$1" write $drv/allow $ns ;;
	"attach (bind)")
		case $driver in
		ours) attempt "$1" write $drv/bind $ns ;;
		stock) attempt "$1" write $stock/bind "$dax" ;;
		esac
		;;
	"detach (unbind)")
		case $driver in
		ours) attempt "$1" write $drv/unbind $ns ;;
		stock) attempt "$1" write $stock/unbind "$dax" ;;
		esac
		;;
	quiesce) attempt "$1" write $drv/quiesce $ns && echo $ns >$drv/resume ;;
	resume) attempt "$1" write $drv/resume $ns ;;
	"set the parameter scan") attempt "$1" write /sys/module/pmem_altmap/parameters/scan Y ;;
	*"info block by /dev/mem") attempt "$1" mem $((start + 4096)) ;;
	*"memmap by /dev/mem") attempt "$1" mem $memmap ;;
	*"data by /dev/mem") attempt "$1" mem "$data" ;;
	"memmap by /proc/kcore") attempt "$1" kcore $memmap ;;
	"data by /proc/kcore") attempt "$1" kcore "$data" ;;
	*) echo "no such row" ;;
	esac
}

# columns DRIVER WHO...: a column more for its rows; what they do to the state is undone
columns() {
	switch_to "$1"
	shift
	for who in "$@"; do
		row=0
		tail -n +3 $table | cut -d'|' -f2 | sed 's/^ *//; s/ *$//' | while read -r name; do
			row=$((row + 1))
			case $driver-$name in
			ours-stock:*) continue ;;
			ours-*) ;;
			stock-stock:*) name=${name#stock: } ;;
			stock-*) continue ;;
			esac
			case $name in
			attach*) have $driver "$([ $driver = ours ] && echo named || echo detached)" ;;
			detached:* | *allow) have $driver detached ;;
			*) have $driver attached ;;
			esac
			got=$(cell "$who" "$name" 2>&1)
			printf ' | %s' "$got" >>/tmp/row-$row
			case $name in
			attach* | detach\ * | *allow) state= ;;
			esac
		done
		state=
	done
	have $driver attached
}

# scanned WHO NODE: "KEY VALUE" of daxscan, on a line
scanned() {
	attempt "$1" run daxscan "$2" "$size" "$align" scan 2>&1 | tr '\n' ' '
}

# only_data WHO NODE NAME: all of the data and nothing else could be read, nor data at
# another offset than its own
only_data() {
	od_out=$(scanned "$1" "$2")
	diag "$od_out"
	is "${od_out%% buses*}" "good $((size / 8)) given 0 foreign 0 moved 0" "$3"
}

# dumped NODE FILTER: whether a core file has what the process mapped
dumped() {
	rm -f /tmp/core
	(
		ulimit -c unlimited
		echo "$2" >/proc/self/coredump_filter
		attempt root dump "$1" "$align"
	) >/dev/null
	if [ ! -s /tmp/core ]; then
		echo "no core"
	elif [ "$(stat -c %s /tmp/core)" -ge "$align" ]; then
		echo yes
	else
		echo no
	fi
}
must write /tmp/core /proc/sys/kernel/core_pattern

diag "data starts at $((data - start))"
must daxscan "/dev/$chardev" "$size" "$align" fill
columns ours root nocap user search dac mknod rawio ptrace admin container
only_data root "$node" "root maps the data and nothing else"
# A rule of udev's that gives the node to everybody
must chmod 666 "$node"
is "$(attempt user open "$node") $(attempt container open "$node")" "yes yes" "a node that is given to others can be opened"
only_data user "$node" "who is given the node maps the data and nothing else"
is "$(attempt user pagemap "$node" "$align") $(attempt user write $drv/quiesce $ns) $(attempt user read $providers/$ns/state)" \
	"0 EACCES EACCES" "and learns and controls nothing"
must detach $ns
must attach $ns
is "$(stat -c '%a %u %g' "$node") $(attempt user open "$node")" "600 0 0 EACCES" "the next node is root's alone"
is "$(dumped "$node" 0x33) $(dumped "$node" 0x1ff)" "no yes" "a core file has data only if asked for"

columns stock root nocap user search dac mknod rawio ptrace admin container
# An offset that is no multiple of align is taken there, and shows what lies before it
out=$(scanned root "/dev/$chardev")
diag "$out"
is "${out%% moved*}" "good $((size / 8)) given 0 foreign 0" "on device-dax: the data and nothing else"
is "$(dumped "/dev/$chardev" 0x33) $(dumped "/dev/$chardev" 0x1ff)" "no yes" "on device-dax: the same core files"

for level in integrity confidentiality; do
	must write $level /sys/kernel/security/lockdown
	columns ours root
	[ $level = integrity ] || only_data root "$node" "locked down: the data and nothing else"
	columns stock root
done

tail -n +3 $table >/tmp/want
row=0
while IFS= read -r line; do
	row=$((row + 1))
	name=${line#| }
	name=${name%% |*}
	# It has no end of line
	IFS= read -r cells </tmp/row-$row
	is "| $name$cells |" "$line" "$name"
done </tmp/want
# What the host looks at: the last attach has just written a memmap
switch_to ours
try "detaches" detach $ns
