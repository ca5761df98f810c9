# What docs/altmapctl-transcript.md shows: a namespace's way there and back. The host
# compares; 'make transcript' writes it anew.
# guest: census=yes
# guest: extra=cli
# guest: nvdimm=8G
. ./lib.sh
plan 2

ns=namespace0.0
must load_stock
must devdax_create $ns

# text LINE...: of the document, a line each
text() {
	printf '#md %s\n' "$@"
}

# show COMMAND...: as it would look at a prompt
show() {
	text "" "    # $*"
	"$@" 2>&1 | sed 's/^/#md     /'
}

text "# What altmapctl prints" "" \
	"This page shows what each verb prints in a guest with one region of 8 GiB. The guest test" \
	"\`cli_transcript\` fails when it sees anything else; only times may differ. \`make transcript\`" \
	"writes the page anew." "" \
	"The namespace was made with \`ndctl create-namespace --mode=devdax --map=dev\`, and the" \
	"stock driver has it. This is what attaching it would cost on a machine with 4 GiB of DRAM:"
show altmapctl plan $ns -u --dram 4G
text "" "This attaches it. The module is loaded on the way, and the stock driver lets go."
show altmapctl attach $ns
is "$(counter $ns state)" attached "attached"
text "" "This lists what is attached, with units for people:"
show altmapctl list -u
text "" "This lists every altmap of the system, and says what the memmap of all device memory takes." \
	"Where the kernel counts that itself, as newer ones do, its number stands beside them: the" \
	"kernel takes the memmap on the device for DRAM."
show altmapctl list -A
text "" "This prints the counters for Prometheus:"
show altmapctl metrics
text "" "While a process has the node open, detaching is refused:"
# shellcheck disable=SC2217 # it holds what it does not read
sleep 1000 </dev/$ns &
sleep 1
show altmapctl detach $ns
kill $!
wait $! 2>/dev/null
text "" "Once that process has ended, detaching succeeds:"
show altmapctl detach $ns
is "$(field "$(ndctl list -n $ns)" chardev)" dax0.0 "back with the stock driver"
