# shellcheck shell=bash
# For power.sh: one guest from its boot to its end, and what is known of its image. Sourced;
# $dir, $all, $image, $work, $test and what plan_cut() draws are the caller's.

# shellcheck disable=SC2154,SC2034

# start_state: an empty device, of which nothing is demanded
start_state() {
	rm -f "$image"
	truncate -s 256M "$image"
	declare -gA flushed=() begun=() average=() verdict=()
	sequence=1
	# Of the records that are there: their namespace's; 0 without a valid block
	generation=0
	block=invalid uuid='' dataoff=0 size=0 outcome=''
	complaints=$work/complaints
	: >"$complaints"
	head -c 8192 "$image" >"$work/head"
}

complain() {
	echo "$*" >>"$complaints"
}

# read_block: what the head of the image is for pmem_altmap's own parser
read_block() {
	block=$("$dir/showinfoblock" "$image")
	generation=0
	case $block in
	valid*)
		read -r _ uuid dataoff size _ <<<"$block"
		generation=${uuid%%-*}
		;;
	esac
}

# judge WHO SCAN: hold it against what is demanded
judge() {
	local offset line

	for offset in "${!flushed[@]}"; do
		echo "$offset ${flushed[$offset]} ${begun[$offset]:-}"
	done >"$work/state"
	while read -r line; do
		case $line in
		figures*) echo "${line#figures }" >>"$work/figures" ;;
		*) complain "$line" ;;
		esac
	done < <(awk -v who="$1" -f "$top/tests/debug/power.awk" "$work/state" "$2")
}

# after_cut: what the host sees in the image of a guest that is no more
after_cut() {
	head -c 8192 "$image" >"$work/head.now"
	outcome=
	read_block
	if cmp -s "$work/head" "$work/head.now"; then
		[ -z "$creating" ] || outcome="the old block, "
	elif [ -z "$creating" ]; then
		complain "host: the head is not what it was when it was created: $block"
		cmp -l "$work/head" "$work/head.now" | head -n 5 >>"$complaints"
	else
		outcome="a new block, "
		[ "$generation" != 0 ] || outcome="no valid block, "
		# Its data are in another place, or of nobody
		flushed=() begun=()
		cp "$work/head.now" "$work/head"
	fi
	[ -z "$wrong_head" ] || complain "host: $wrong_head"
	[ "$generation" != 0 ] || return 0
	# shellcheck disable=SC2086 # numbers
	"$dir/daxrecord" "$image" scan $dataoff $size "$generation" >"$work/scan.host"
	judge host "$work/scan.host"
}

# looked: the guest has read all, with both drivers
looked() {
	local who want=accepted

	[ "$generation" != 0 ] || want=refused
	for who in ours stock; do
		[ "${verdict[$who]:-not asked}" = "$want" ] ||
			complain "$who: ${verdict[$who]:-not asked}, and for the host the block is $block"
		[ "$want" = refused ] || judge "$who" "$work/scan.$who"
	done
	look=complete
	after_look
}

# enter PHASE: as the guest says. One is aimed at for the cut; how long it takes is learnt.
enter() {
	local now=${EPOCHREALTIME/./} took

	if [ -n "$phase" ]; then
		took=$((now - entered))
		average[$phase]=$(((${average[$phase]:-$took} * 3 + took) / 4))
	fi
	phase=$1
	entered=$now
	[ "$phase" = "$aim" ] || return 0
	entry=$((entry - 1))
	[ "$entry" -ne 0 ] || kill_at=$((now + ${average[$aim]:-300000} * part / 100))
}

stop_guest() {
	[ -n "${qemu:-}" ] && [ -z "$killed" ] || return 0
	kill -KILL "$qemu"
	killed=${EPOCHREALTIME/./}
}

# created UUID DATAOFF SIZE ALIGN: what there is from now on
created() {
	flushed=() begun=()
	creating=
	head -c 8192 "$image" >"$work/head"
	read_block
	[ "$block" = "valid $*" ] ||
		wrong_head="the guest has created $*, and the block is $block"
}

# heard LINE: of the guest
heard() {
	local offset

	# shellcheck disable=SC2086 # words
	set -- $1
	case $1 in
	accepted | refused) verdict[$2]=$1 ;;
	scan)
		scan=$work/scan.$2
		: >"$scan"
		;;
	record) echo "$*" >>"$scan" ;;
	looked) looked ;;
	phase)
		if [ "$2" = create ]; then
			creating=1
			# It was for the next block that the host came too late
			wrong_head=
		fi
		enter "$2"
		;;
	created) created "${@:2}" ;;
	writing)
		sequence=$(($2 + 1))
		for offset in "${@:3}"; do
			begun[$offset]+=" $2"
		done
		[ "$phase" = stock ] || enter write
		;;
	flushing) [ "$phase" = stock ] || enter flush ;;
	flushed)
		flushed[$2]=$4
		begun[$2]=
		;;
	failed) complain "the guest: $*" ;;
	esac
}

# hear: the next whole line in $line; 1 at the end, 2 if there is none in time
hear() {
	local part rc left=1000000

	if [ -n "$kill_at" ] && [ -z "$killed" ]; then
		left=$((kill_at - ${EPOCHREALTIME/./}))
		[ "$left" -gt 0 ] || stop_guest
		[ "$left" -ge 500 ] || left=500
		[ "$left" -le 1000000 ] || left=1000000
	fi
	printf -v left %07d "$left"
	IFS= read -r -t "${left%??????}.${left: -6}" -u 3 part
	rc=$?
	line=$rest${part%$'\r'}
	rest=
	[ $rc -eq 0 ] && return
	rest=$line
	[ $rc -gt 128 ] && return 2
	return 1
}

# boot NAME PARAMETERS: until it is killed, or ends by itself
boot() {
	local log=$work/$1 mem=1G smp=1 silence boot idle
	# A boot is most of what a cut takes: what only says or tests something is left out
	local append="loglevel=5 mitigations=off"
	append+=" pma_generation=$generation pma_sequence=$sequence $2"
	local rest='' line='' rc options

	phase='' entered=0 kill_at='' killed='' creating='' wrong_head='' look='' scan=/dev/null
	verdict=()
	rm -f "$work"/scan.*
	touch "$work/scan.ours" "$work/scan.stock"
	rm -rf "$log"
	mkdir -p "$log"
	touch "$log/console" "$log/output" "$log/gcda.base64"
	watch_limits
	qemu_debug
	qemu_options
	qemu_nvdimm 0 "$image" 256M
	mkfifo "$log/fifo"
	qemu-system-x86_64 "${options[@]}" </dev/null >"$log/fifo" 2>"$log/qemu" &
	qemu=$!
	watch_guest $qemu "$log" >/dev/null 2>&1 &
	exec 3<"$log/fifo"
	while :; do
		hear
		rc=$?
		if [ $rc -eq 0 ]; then
			echo "$line" >>"$log/output"
			heard "$line"
		fi
		[ $rc -eq 1 ] && break
	done
	exec 3<&-
	[ ! -e "$log/stopped" ] || complain "the guest was stopped: $(cat "$log/stopped")"
	# The shell's word about it is not wanted
	wait "$qemu" 2>/dev/null
	rc=$?
	qemu=
	moment=$(((${killed:-$entered} - entered) / 1000))
	# What it had said and was not heard yet
	[ $moment -ge 0 ] || moment=0
	[ -n "$killed" ] && [ $rc -ne 137 ] && complain "QEMU was to be killed, its status is $rc"
	if [ "$look" != complete ]; then
		complain "the guest did not come to the end of its look"
		tail -n 15 "$log/output" "$log/console" | tr -d '\r' >>"$complaints"
	fi
	# An emulated boot on a machine with much else to do measures its clock wrongly now
	# and then, and takes itself for stalled: that is before the module is loaded
	sed '1,/pma-power-begin/d' "$log/console" >"$log/own"
	if kernel_complains "$log/own" /dev/null >"$log/bad"; then
		complain "the kernel: $(head -n 5 "$log/bad")"
	fi
}
