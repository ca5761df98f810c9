# For the tests of altmapctl; sourced behind lib.sh.

# ctl ARGUMENT...: run it; $rc, $out and $err are what came of that. Its JSON goes to
# the host, too, which checks it against the schema.
ctl() {
	altmapctl "$@" >/tmp/ctl.out 2>/tmp/ctl.err
	ctl_ended $? "$1"
}

# ctl_ended STATUS VERB: the same for one that was started by hand
ctl_ended() {
	rc=$1
	out=$(cat /tmp/ctl.out)
	err=$(cat /tmp/ctl.err)
	case $out in
	"{"*) echo "#json $2 $(tr -d '\n' </tmp/ctl.out)" ;;
	esac
}

# of NAME: a field of what it printed
of() {
	field "$out" "$1"
}

# says TEXT: it said so on standard error
says() {
	grep -q "$1" /tmp/ctl.err || {
		diag "no '$1' in: $(cat /tmp/ctl.err)"
		return 1
	}
}

# said_so NAME TEXT: a test of that
said_so() {
	says "$2"
	ok $? "$1"
}

# region_of SIZE: the number of the region that is so large
region_of() {
	grep -lx "$1" "$bus"/devices/region*/size | sed 's|.*region||; s|/size||'
}

# has_it NAMESPACE: the stock driver's device of it
stock_has() {
	field "$(ndctl list -n "$1")" chardev
}
