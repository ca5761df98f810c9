# shellcheck shell=bash
# Sourced: what scripts share that work in a copy of a root of tests/pkg/root.sh.
# Set tap_log, then root, first.

# shellcheck disable=SC2154
n=0
failed=0

# ok STATUS NAME; what $said holds is shown if it failed
ok() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		failed=$((failed + 1))
		echo "not ok $n - $2"
		[ ! -s "$said" ] || tail -n 40 "$said" | sed 's/^/# /'
	fi
}

# check NAME COMMAND...: passes when the command does
check() {
	local name=$1 rc=0

	shift
	"$@" >"$said" 2>&1 || rc=$?
	ok $rc "$name"
}

# equal NAME GOT WANT
equal() {
	local rc=0

	printf 'got:\n%s\nwant:\n%s\n' "$2" "$3" >"$said"
	[ "$2" = "$3" ] || rc=1
	ok $rc "$1"
}

# copy_root SUITE DIR: one to work in
copy_root() {
	local master

	master=$("$top/tests/pkg/root.sh" "$1") || return
	archives=$master.archives
	rm -rf "$2"
	mkdir -p "${2%/*}"
	cp -a --reflink=auto "$master" "$2"
	root=$2
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	# Whatever asks for the running kernel hears of the suite's, as on a machine
	# that runs it, and not of the one that this root is a guest of
	release=$(cd "$root/lib/modules" && ls)
	mv "$root/usr/bin/uname" "$root/usr/bin/uname.real"
	install -m 755 /dev/stdin "$root/usr/bin/uname" <<-EOT
	#!/bin/sh
	[ "\$*" = -r ] || exec /usr/bin/uname.real "\$@"
	echo $release
	EOT
}

# inside COMMAND...: in the root, with its own mounts and processes, which go with it. The
# first process stays, to wait for those that lost their parent: dkms 2.8 counts on it.
# Runs with another build folder share what apt downloads, and apt does not wait for them.
inside() {
	local alone=()

	[ "$1" != apt-get ] || alone=(flock -o "$archives")
	# shellcheck disable=SC2016 # the inner shell expands it
	"${alone[@]}" unshare --mount --pid --fork --kill-child sh -ec '
		root=$1
		archives=$2
		shift 2
		mount -t proc proc "$root/proc"
		mount -t sysfs -o ro sysfs "$root/sys"
		mount -t devpts devpts "$root/dev/pts"
		mount --bind "$archives" "$root/var/cache/apt/archives"
		rc=0
		chroot "$root" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
			DEBIAN_FRONTEND=noninteractive \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" || rc=$?
		exit $rc
	' sh "$root" "$archives" "$@" </dev/null
}

apt_install() {
	inside apt-get install -y -q --no-install-recommends "$@"
}

# Files, as one finds them: not what apt and dpkg write down, nor what is mounted
listing() {
	(cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run \
		-o -path ./tmp -o -path ./root -o -path ./var/cache -o -path ./var/log \
		-o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -name __pycache__ \) -prune -o -print) |
		sed 's/^\.//' | sort
}

# tools_paths: what is in the command line's packages, less folders and documentation
tools_paths() {
	{
		cat "$top/tests/pkg/tools.paths"
		(cd "$top/docs/man" && printf '/usr/share/man/man1/%s.1.gz\n' altmapctl*.adoc) | sed 's/\.adoc//'
	} | sort
}

# What dkms status says, as "VERSION RELEASE STATE"; dkms 2.8 writes it differently
dkms_state() {
	inside dkms status -m pmem_altmap 2>/dev/null |
		sed -nE 's|^pmem_altmap[,/] ?([^,:]*), ([^,]*), x86_64: ([a-z]*).*|\1 \2 \3|p
			s|^pmem_altmap[,/] ?([^,:]*): ([a-z]*).*|\1 - \2|p' | sort
}

# ours RELEASE: the module's file for that kernel, as modprobe finds it
ours() {
	inside modinfo -k "$1" -n pmem_altmap 2>/dev/null || echo none
}
