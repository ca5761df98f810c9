# PMDK's programs and libraries, as they come, on the stock driver's node, on ours for
# libpmem2 and on ours below the namespace: what docs/pmdk.md says of each.
# guest: mem=2G
# guest: extra=pmdk
# guest: nvdimm=1G
. ./lib.sh
plan 44

ns=namespace0.0
dax_pmem=$bus/drivers/dax_pmem
bytes=4194304
must load_stock
must modprobe pmem_altmap
must devdax_create $ns

# says STATUS TEXT COMMAND...: it ends so, and says that in its first lines
says() {
	says_status=$1
	says_text=$2
	shift 2
	timeout 100 "$@" </dev/null >/tmp/out 2>&1
	is "$? $(head -n 3 /tmp/out | grep -c -- "$says_text")" "$says_status 1" "$form: $*"
	diag "$(head -n 3 /tmp/out)"
}

# works COMMAND...
works() {
	timeout 100 "$@" </dev/null >/tmp/out 2>&1
	is "$?" 0 "$form: $*"
	diag "$(head -n 3 /tmp/out)"
}

# crashes COMMAND...: the libraries take libndctl's NULL for a namespace
crashes() {
	timeout 100 "$@" </dev/null >/tmp/out 2>&1
	is "$?" 139 "$form: $* crashes"
}

head -c $bytes /dev/urandom >/tmp/random
same() {
	cmp /tmp/random /tmp/read
}

# The stock driver: all of it works
form=stock
node=/dev/dax0.0
works daxio -z -o $node -l 4M
works pmempool create obj --layout=test $node
works pmempool info $node
works pmempool check $node
works pmempool rm $node
says 0 "^badblocks: 0" daxpmdk badblocks $node
says 0 ", is_pmem 1" daxpmdk map $node
works daxio -i /tmp/random -o $node -l 4M
works daxio -i $node -o /tmp/read -l 4M
try "stock: daxio reads what it has written" same

# For libpmem2: what goes by libnvdimm's size and place of the dax device is refused, since
# a dax device without a driver has none
form=dax
holder=$(cat $bus/devices/$ns/holder)
must write "$holder" $dax_pmem/unbind
must attach $ns
rm /tmp/read
works daxio -i $node -o /tmp/read -l 4M
try "dax: daxio reads what was written there before" same
says 1 "failed to clear bad blocks" daxio -z -o $node -l 4M
says 1 "failed to clear bad blocks" daxio -i /tmp/random -o $node -l 4M
works daxio -z -o $node -l 4M -b no
works daxio -i $node -o /tmp/read -l 4M
head -c $bytes /dev/zero | cmp - /tmp/read
ok $? "dax: daxio has zeroed it"
works daxio -i /tmp/random -o $node -l 4M -b no
works daxio -i $node -o /tmp/read -l 4M
try "dax: daxio reads what it has written" same
says 1 "cannot read offset of the namespace" daxpmdk badblocks $node
says 1 "size" daxpmdk map $node
says 1 "range" pmempool info $node
says 1 "size" pmempool create obj --layout=test $node
says 1 "range" pmempool check $node
says 1 "cannot remove" pmempool rm $node
works daxio -i $node -o /tmp/read -l 4M
try "dax: none of them has changed it" same
must detach $ns

# Below the namespace: nothing finds it by libndctl
form=namespace
must ndctl disable-namespace $ns
must attach $ns
node=/dev/$ns
sum=$(daxfill $node $bytes sum)
says 1 "neither input nor output is device dax" daxio -z -o $node -l 4M
says 1 "neither input nor output is device dax" daxio -z -o $node -l 4M -b no
says 1 "neither input nor output is device dax" daxio -i $node -o /tmp/read -l 4M
says 0 "^badblocks: 0" daxpmdk badblocks $node
crashes daxpmdk map $node
crashes daxpmem2 $node $bytes
crashes pmempool info $node
crashes pmempool create obj --layout=test $node
crashes pmempool check $node
crashes pmempool rm $node
is "$(daxfill $node $bytes sum)" "$sum" "namespace: none of them has changed it"
must detach $ns
must ndctl enable-namespace $ns
form=stock
node=/dev/dax0.0
rm /tmp/read
works daxio -i $node -o /tmp/read -l 4M
try "stock: the bytes are the same" same
works daxio -z -o $node -l 4M
is "$(cat $providers/*/state 2>/dev/null)" "" "nothing is left"
try "the module can be unloaded" rmmod pmem_altmap
