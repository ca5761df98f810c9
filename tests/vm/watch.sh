# shellcheck shell=bash
# Whether a guest still gets on. The limits count what a slow machine does not use up by
# being slow: QEMU's CPU time, and looks at which QEMU had nothing to do. Sourced.

# shellcheck disable=SC2154,SC2034
# The bytes that a guest may say in all
most=$((256 << 20))

# watch_limits SILENCE BOOT: set the limits, for a debug kernel if debug is set: it takes
# six times as long. PMA_TIMEOUT_FACTOR is for longer runs of a test.
watch_limits() {
	local factor=${PMA_TIMEOUT_FACTOR:-1}

	[ ! -e "$dir/debug" ] || factor=$((factor * 6))
	silence=$((${1:-120} * factor))
	boot=$((${2:-120} * factor))
	idle=$((180 * factor))
}

# look_at PID: set ticks, the CPU time of that process in 1/100 s, and busy, if one of its
# threads runs, waits for a CPU or a disk, or is stopped. False when the process is no more.
look_at() {
	local line fields stat

	ticks='' busy=''
	for stat in "/proc/$1/stat" "/proc/$1/task/"*/stat; do
		# A thread may end meanwhile
		{ read -r line <"$stat"; } 2>/dev/null || continue
		# The name is in brackets, and may hold anything
		read -ra fields <<<"${line##*) }"
		if [ "$stat" = "/proc/$1/stat" ]; then
			[ "${fields[0]}" != Z ] || return 1
			ticks=$((fields[11] + fields[12]))
		elif [[ ${fields[0]} == [RDTt] ]]; then
			busy=1
		fi
	done
	[ -n "$ticks" ]
}

# watch_guest PID LOG: until that QEMU ends, or has to be ended because its guest
#   - has not started its init in boot seconds of QEMU's CPU time,
#   - has then said nothing of its own in silence seconds of QEMU's CPU time,
#   - has said nothing and done nothing at idle looks, which are a second apart,
#   - or has said so much that it will not stop.
# The kernel's log is no progress: it goes on complaining as long as a hang lasts.
# Why it was ended is in LOG/stopped; LOG/watch has the CPU seconds until init, and of the
# longest silence those and the looks.
watch_guest() {
	local ticks busy sizes why='' words=0 since=0 idled=0 limit=$boot
	local started='' longest=0 idlest=0 log=$2

	while look_at "$1"; do
		mapfile -t sizes < <(stat -c %s "$log/console" "$log/output" "$log/gcda.base64")
		if [ -z "$started" ] && { [ "${sizes[1]}" -gt 0 ] ||
			grep -aqs "$booted" "$log/console"; }; then
			started=$((ticks / 100)) limit=$silence since=$ticks idled=0
		fi
		if [ -n "$started" ] && [ $((sizes[1] + sizes[2])) -ne $words ]; then
			words=$((sizes[1] + sizes[2])) since=$ticks idled=0
		fi
		[ -n "$busy" ] || idled=$((idled + 1))
		if [ -n "$started" ]; then
			[ $((ticks - since)) -le $longest ] || longest=$((ticks - since))
			[ $idled -le $idlest ] || idlest=$idled
			echo "$started $((longest / 100)) $idlest" >"$log/watch"
		fi

		if [ $((ticks - since)) -gt $((limit * 100)) ]; then
			why="nothing came of it in $limit s of QEMU's CPU time"
		elif [ $idled -gt "$idle" ]; then
			why="nothing came of it in $idle s in which QEMU had nothing to do"
		elif [ $((sizes[0] + sizes[1])) -gt $most ]; then
			why="it has said more than $((most >> 20)) MiB"
		fi
		if [ -n "$why" ]; then
			[ -n "$started" ] || touch "$log/stood-still"
			echo "${started:+after its init }$why" >"$log/stopped"
			kill "$1"
			for _ in 1 2 3 4 5; do
				sleep 1
				look_at "$1" || return 0
			done
			kill -KILL "$1"
			return 0
		fi
		sleep 1
	done
}
