# Info blocks of all kinds, most of them bad, are written into namespaces that are then
# attached: what is accepted is what an independent set of rules accepts, with the same
# figures and just this data; a refusal holds nothing and is one line. Some are shown to
# the stock driver as well. pma_rounds=10000 on the kernel's command line for a long run,
# pma_seed=7 pma_first=100 pma_rounds=1 for a round that was wrong, pma_stock=1 to show each
# block to the stock driver.
# guest: mem=3G
# guest: nvdimm=64M
# guest: nvdimm=386M,label-size=2M
# guest: nvdimm=3G,addr=0x1000000000
# guest: append=memmap=255M!0x100100000
# guest: silence=240
. ./lib.sh

setting() {
	sed -n "s/.*pma_$1=\([0-9]*\).*/\1/p" /proc/cmdline
}
rounds=$(setting rounds)
rounds=${rounds:-100}
# Of a few rounds it is not asked how many are accepted
many=$((rounds >= 100 ? 2 : 0))
# Nor of less than thousands whether each rule was broken
each=$((rounds >= 5000 ? 1 : 0))
plan $((8 + many + each))

must load_stock
must modprobe pmem_altmap

# One with a label; the others have none. memmap='s starts and ends beside 2 MiB
spaces=
for region in "$bus"/devices/region*; do
	id=${region##*region}
	case $(cat "$region/size") in
	402653184)
		real_labels "region$id" "$(cut -d, -f1 "$region/mapping0")"
		made=$(ndctl create-namespace -r "region$id" --mode=devdax --map=dev)
		spaces="$spaces $(field "$made" dev)"
		;;
	*) spaces="$spaces namespace$id.0" ;;
	esac
done
must ndctl disable-namespace all
# shellcheck disable=SC2086 # words
set -- $spaces
is $# 4 "a namespace of each kind"
for ns in "$@"; do
	diag "$ns: $(cat "$bus/devices/$ns/size") bytes at $(cat "$bus/devices/$ns/resource"), uuid '$(cat "$bus/devices/$ns/uuid" 2>/dev/null)'"
done
allow ""

seed=$(setting seed)
seed=${seed:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
first=$(setting first)
first=${first:-0}
stock=$(setting stock)
free_before=$(mem_settled) || exit
begin=$(date +%s)
fuzzblocks "$seed" "$first" "$rounds" "${stock:-$((rounds < 1000 ? 6 : 50))}" "$@" >/tmp/out 2>&1
rc=$?
diag "seed $seed, rounds $first to $((first + rounds - 1)), $(($(date +%s) - begin)) s"
diag "$(cat /tmp/out)"
value() {
	sed -n "s/^$1 //p" /tmp/out
}
# What is left of a failure elsewhere may be its name
said=$(grep -v -e '^# broken' -e '^#.*rounds$' /tmp/out | grep -m 1 '^#')
is "$rc $(value wrong)" "0 0" "every block is judged as by the rules${said:+ (seed $seed: $said)}"
is "$(($(value accepted) + $(value refused)))" "$rounds" "all rounds were made"
if [ "$many" -eq 2 ]; then
	[ "$(value accepted)" -ge $((rounds / 10)) ] && [ "$(value refused)" -ge $((rounds / 10)) ]
	ok $? "many are accepted, many are refused"
	# Of a few it may be shown none that both accept
	if [ "$rounds" -ge 1000 ]; then
		[ "$(value both_accept)" -ge 1 ] && [ "$(value both_refuse)" -ge 1 ]
	else
		[ $(($(value both_accept) + $(value both_refuse))) -ge 1 ]
	fi
	ok $? "and the stock driver agrees of some"
fi
if [ "$each" -eq 1 ]; then
	rules=$(grep -c '^# broken' /tmp/out)
	never=$(awk '/^# broken/ && !$4 { printf " %s", $3 }' /tmp/out)
	[ "$rules" -gt 0 ] && [ -z "$never" ]
	ok $? "each of $rules rules was broken${never:+, but for$never}"
fi
is "$(dmesg | grep -c 'the kernel kept')" 0 "every alloc was back at 0"
lost=$((free_before - $(mem_settled)))
diag "$lost bytes of DRAM lost"
[ $lost -lt $((4194304 + settled_noise)) ]
ok $? "no DRAM is lost"

# And a good one is as good as before
must devdax_create "$1"
must ndctl disable-namespace "$1"
try "attaches" attach "$1"
try "detaches" detach "$1"
try "the module can be unloaded" rmmod pmem_altmap
