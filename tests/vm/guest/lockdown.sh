# Under lockdown: a module whose signature the kernel cannot check is refused, before a
# line of it runs; and what the stock kernel needs from nobody's debugfs is closed.
# guest: nvdimm=1G
# guest: append=lockdown=integrity
. ./lib.sh
plan 6

must mount -t securityfs securityfs /sys/kernel/security
is "$(cat /sys/kernel/security/lockdown)" "none [integrity] confidentiality" "the kernel is locked down"
# To see that the lockdown is real for debugfs, too
cat /sys/kernel/debug/fault_around_bytes >/tmp/out 2>&1
is "$(sed 's/.*: //' /tmp/out)" "Operation not permitted" "a file of debugfs that is not 0444 cannot be read"
try "the kernel's own modules load" load_nfit
log_mark
# What kmod says differs between its versions; the errno's text is EPERM's or EKEYREJECTED's
said=$(modprobe pmem_altmap 2>&1)
is "$? $(echo "$said" | grep -cE 'Operation not permitted|Key was rejected by service')" "1 1" \
	"a module without a signature that counts is refused"
diag "$said"
diag "$(log_since)"
is "$(log_since | grep -c 'Lockdown: .*unsigned module loading is restricted')" 1 "the log says so"
[ ! -e $drv ] && [ ! -e /sys/module/pmem_altmap ]
ok $? "nothing of it is there"
