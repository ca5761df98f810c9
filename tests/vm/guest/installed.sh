# A distribution's own root with both packages in it, booted by its own init; of
# tests/pkg/distro.sh, and not of check-vm, whose guests have no such root.
# guest: nvdimm=1G
# guest: silence=300
. ./lib.sh
must [ -d /run/systemd/system ] && plan 33

# As of modprobe: busybox has one that knows less
modinfo() { /sbin/modinfo "$@"; }

ns=namespace0.0
release=$(uname -r)
log_mark
must udevadm settle
diag "$(cat /proc/version)"
diag "up after $(cut -d' ' -f1 /proc/uptime) s, modules: $(lsmod | awk 'NR > 1 { print $1 }' | sort | tr '\n' ' ')"
# udev has loaded what has an alias for the devices that are there ...
is "$(readlink $bus/devices/$ns/driver | sed 's|.*/||')" nd_pmem "udev has loaded the stock drivers"
# ... and ours has none
is "$(lsmod | grep -c '^pmem_altmap ')" 0 "pmem_altmap is not loaded by itself"
is "$(modinfo -F alias pmem_altmap)" "" "and has no alias that could load it"
modinfo -n pmem_altmap | sed 's/\.\(gz\|xz\|zst\)$//' >/tmp/file
is "$(cat /tmp/file)" "/lib/modules/$release/updates/dkms/pmem_altmap.ko" "modprobe finds the module of DKMS"
is "$(modinfo -F vermagic pmem_altmap | cut -d' ' -f1)" "$release" "built for this kernel"
diag "signer: $(modinfo -F signer pmem_altmap)"
try "loads" modprobe pmem_altmap
is "$(cat /sys/module/pmem_altmap/version)" "$(modinfo -F version pmem_altmap)" "that version"
[ -d $providers ]
ok $? "debugfs has its folder"

must devdax_create $ns
must ndctl disable-namespace $ns
try "attaches" attach $ns
is "$(counter $ns state) $(counter $ns dram_memmap)" "attached 0" "counters"
try "detaches" detach $ns
ndctl enable-namespace $ns >/dev/null 2>&1
is "$(field "$(ndctl list -n $ns)" chardev)" dax0.0 "the stock driver has it back"
try "unloads" rmmod pmem_altmap

# daxctl's udev rule is for the whole class dax. A unit like the one that it wants says what
# it was started for: Debian's package has none, and Debian 11 and 12 have no such rule.
daxctl_rule=/usr/lib/udev/rules.d/90-daxctl-device.rules
if ! grep -qs SYSTEMD_WANTS $daxctl_rule; then
	echo 'ACTION=="add", SUBSYSTEM=="dax", TAG+="systemd", ENV{SYSTEMD_WANTS}="daxdev-reconfigure@dev-%k.service"' \
		>/etc/udev/rules.d/${daxctl_rule##*/}
	diag "the rule is the test's: $(tr '\n' ' ' <$daxctl_rule)"
fi
cat >/run/systemd/system/daxdev-reconfigure@.service <<END
[Service]
Type=oneshot
ExecStart=/bin/sh -c "echo %f >>/run/reconfigured"
END
must systemctl daemon-reload
must udevadm control --reload
# reconfigured: the devices that the unit was started for since it was asked last
reconfigured() {
	must udevadm settle
	sleep 3
	touch /run/reconfigured
	sort -u /run/reconfigured | tr '\n' ' '
	rm /run/reconfigured
}
must ndctl disable-namespace $ns
must ndctl enable-namespace $ns
is "$(reconfigured)" "/dev/dax0.0 " "daxctl's udev rule has systemd look at the stock driver's node"
must modprobe pmem_altmap
must altmapctl attach $ns
is "$(reconfigured)" "" "but not at ours"
diag "$(udevadm info -q property -n /dev/$ns | tr '\n' ' ')"
must altmapctl detach $ns
reconfigured >/dev/null
holder=$(cat $bus/devices/$ns/holder)
# Debian 11 has one of two drivers
dax_driver=$(readlink -f $bus/devices/"$holder"/driver)
must write "$holder" "$dax_driver"/unbind
must altmapctl attach $ns
is "$(ls /dev/dax0.0) $(reconfigured)" "/dev/dax0.0 " "nor where it has the stock driver's name, for libpmem2"
must altmapctl detach $ns
is "$(field "$(ndctl list -n $ns)" chardev) $(reconfigured)" "dax0.0 /dev/dax0.0 " "detached, it is the stock driver's again"
must rmmod pmem_altmap
rm -f /etc/udev/rules.d/${daxctl_rule##*/} /run/systemd/system/daxdev-reconfigure@.service
must systemctl daemon-reload
must udevadm control --reload

# The command line's rule and unit: systemd starts it behind udev's back, and forgets it
# when it has ended well, but for its words
unit=pmem-altmap-attach@$ns.service
ended() {
	journalctl -b -o cat --no-pager -u $unit | grep -c '^\(Finished\|Failed to start\) '
}

of_unit() {
	systemctl show -p "$1" --value $unit
}

# reappear [COMMAND...]: the namespace goes, the command runs, it comes, as at boot, and the
# unit has run for it
reappear() {
	re_ended=$(ended)
	must ndctl disable-namespace $ns
	must ndctl disable-region region0
	"$@"
	must ndctl enable-region region0
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		[ "$(ended)" -gt "$re_ended" ] && [ "$(of_unit ActiveState)" = inactive ] && return
		sleep 1
	done
	return 1
}

is "$(altmapctl --version)" "$(modinfo -F version pmem_altmap)" "altmapctl is of that version"
[ "$(ended)" -ge 1 ]
ok $? "its unit has run at boot"
# (Debian 11's systemd starts nothing for that, if the device did not go in between)
must udevadm trigger --action=add --subsystem-match=nd
must udevadm settle
sleep 5
is "$(of_unit ActiveState) $(lsmod | grep -c '^pmem_altmap ')" "inactive 0" "as it comes, it does not load the module when udev says that there is a namespace"
reappear
is "$? $(lsmod | grep -c '^pmem_altmap ')" "0 0" "nor when one appears"
is "$(field "$(ndctl list -n $ns)" chardev)" dax0.0 "and the stock driver keeps it"

uuid=$(field "$(ndctl list -n $ns)" uuid)
printf '[attach test]\nuuid = %s\n' "$uuid" >/etc/pmem-altmap.conf.d/test.conf
reappear
is "$? $(counter $ns state) $(counter $ns dram_memmap)" "0 attached 0" "one that the configuration names by its uuid is attached"
diag "$uuid"
try "its unit can run again" systemctl start $unit
is "$(counter $ns state)" attached "and leaves it attached"
try "altmapctl detach" altmapctl detach $ns
is "$(field "$(ndctl list -n $ns)" chardev)" dax0.0 "the stock driver has it back"
must udevadm settle
sleep 5
is "$(of_unit ActiveState) $(ls $providers)" "inactive " "and keeps it"
# 5.10 has the one or the other
no_dax_driver() {
	modprobe -r -q dax_pmem_compat
	modprobe -r -q dax_pmem
}
reappear no_dax_driver
is "$? $(counter $ns state) $(ls /dev/$ns)" "0 attached /dev/$ns" "it is attached as well where udev loads dax_pmem at that moment, as at boot"
must altmapctl detach $ns
try "unloads" rmmod pmem_altmap
is "$(systemctl --failed --no-legend --plain | grep altmap)" "" "no unit of ours has failed"

# Kept from being loaded, as docs/install.md has it
echo 'install pmem_altmap /bin/false' >/etc/modprobe.d/pmem_altmap.conf
systemctl start $unit 2>/dev/null
is "$? $(systemctl --failed --no-legend --plain | grep -c "^$unit ") $(field "$(ndctl list -n $ns)" chardev)" "1 1 dax0.0" "without the module, it fails, and the stock driver keeps the namespace"
journalctl -b -o cat --no-pager -u 'pmem-altmap-attach@*' >/tmp/journal
grep -q 'the module cannot be loaded' /tmp/journal
ok $? "and the journal says why"
diag "$(grep '^altmapctl: ' /tmp/journal)"
