#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The host's device with QEMU: packed rings with both drivers, a device that is killed or
# replaced while a guest reads, and guests that are killed while they read. UML is the
# front end of a device that is replaced, too.
#
# KILLS       how often the device is killed (5; the long run has 100)
# UPGRADES    how often it is replaced (3; 100)
# UPGRADED    front ends that see that: QEMU that "connects" or "listens", and "uml"
#             (connects and uml; all)
# QEMU_KILLS  how often QEMU is killed (2; 100)
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/lib/qmp.sh"

readonly KILLS=${KILLS:-5} QEMU_KILLS=${QEMU_KILLS:-2}
readonly UPGRADES=${UPGRADES:-3} UPGRADED=${UPGRADED:-connects uml}
readonly PROGRAM=$BUILD/tests/device/vhost-user-rng
readonly PACKED=(--qemu-arg=-global
	--qemu-arg=vhost-user-rng-pci.packed=on)

# Characters count from 1: VIRTIO_F_RING_PACKED is bit 34.
# shellcheck disable=SC2016 # expanded in the guest
readonly SHOW_PACKED='echo packed=$(cat /sys/bus/virtio/devices/virtio*/features |
	cut -c35)'

reads_stream() {
	in_guest --device vhost-user --source "$DRBG" "${TOOLS[@]}" "$@" -- \
		"$SHOW_PACKED
		streamcheck /dev/hwrng $DRBG 300000 64 4096 16 65536"
}

needs debian
for driver in vrng virtio_rng; do
	for event_idx in on off; do
		check "packed, $driver, event_idx=$event_idx: the stream arrives" \
			reads_stream --driver $driver "${PACKED[@]}" \
			--qemu-arg=-global \
			--qemu-arg=vhost-user-rng-pci.event_idx=$event_idx
		check "packed, $driver, event_idx=$event_idx: the ring is packed" \
			prints packed 1
		# The in-tree driver does the same with and without event_idx.
		[ $driver = vrng ] || break
	done
done

# in_time COMMAND...: waits until COMMAND succeeds, at most two minutes and at most
# until the guest ends.
in_time() {
	soon $((2 * HANG_SECONDS)) or_guest_ended "$@" && "$@" 2>/dev/null
}

or_guest_ended() {
	"$@" 2>/dev/null || is_gone "$GUEST"
}

# ------------------------------------------------------- kill -9, reconnect

# The guest prints a line for each piece that it read. At each line the device is
# killed and the next one started. QEMU listens. All devices serve one stream, of a
# server that outlives them: the bytes that a killed device held are lost, but no
# others, and no byte arrives twice.
readonly DEVICE=(--qemu-arg=-device
	"--qemu-arg=vhost-user-rng-pci,chardev=c" --device none)
readonly LISTENING=("${DEVICE[@]}" --qemu-arg=-chardev
	"--qemu-arg=socket,id=c,path=$WORK/kill.sock,server=on")
readonly PIECE=65536
# More bytes than it reads: a device of another kind is its signal to end.
readonly MANY=$((64 * 1048576 + (KILLS > UPGRADES ? KILLS : UPGRADES) * 32 * PIECE))

# shellcheck disable=SC2016 # expanded in the guest
readonly READ_ON='
devices() {
	ls /sys/bus/pci/devices | wc -l
}
before=$(devices)
streamcheck -p $PIECE /dev/hwrng $DRBG $MANY 64 4096 65536 & pid=$!
until [ "$(devices)" -gt $before ]; do
	kill -0 $pid || exit
	sleep 0.1
done
kill $pid
wait $pid || exit
'

client_begin() {
	"$PROGRAM" --client --socket-path="$WORK/kill.sock" \
		--source="egd:unix:$WORK/egd" </dev/null \
		>>"$WORK/kill.log" 2>&1 &
	CLIENT=$!
}

stream_begin() {
	: >"$WORK/egd.log" # the shell in the background may make it late
	"$BUILD/tests/device/egd-server" --listen="unix:$WORK/egd" \
		--source="$DRBG" </dev/null 2>"$WORK/egd.log" &
	STREAM=$!
	soon "$HANG_SECONDS" grep -q listening "$WORK/egd.log"
}

# Prints the number of pieces that the guest has read.
pieces_read() {
	grep -c '^got' "$OUT"
}

# has_read COUNT
has_read() {
	[ "$(pieces_read)" -ge "$1" ]
}

# started COUNT: have that many devices been used by the guest?
started() {
	[ "$(grep -c 'guest started' "$WORK/kill.log")" -ge "$1" ]
}

# reads_on COUNT: waits until that many devices have been used and the guest has read
# two more pieces. The first of these may have been under way.
reads_on() {
	in_time started "$1" && in_time has_read $(($(pieces_read) + 2)) &&
		kill -0 "$GUEST" 2>/dev/null
}

client_is_killed() {
	kill -KILL "$CLIENT"
	wait "$CLIENT" 2>/dev/null
	client_begin
}

# is_replaced TIMES COMMAND END: COMMAND does it, each time after the guest has read. END
# has the guest end.
is_replaced() {
	local round
	for ((round = 1; round <= $1; round++)); do
		reads_on $round || return
		$2
	done
	reads_on $round && $3
}

# Another device in QEMU is the guest's signal.
device_is_added() {
	qmp device_add '"driver": "pci-testdev"'
}

# watched TIMES REPLACE END OPTION...: runs a guest while its device is replaced. The
# process CLIENT is the device then. Sets GUEST_STATUS.
watched() {
	local status=0 times=$1 replace=$2 end=$3
	shift 3
	"$HERE/guest" --timeout $((300 + 5 * times)) "${TOOLS[@]}" "$@" \
		>"$OUT" 2>"$ERR" </dev/null &
	GUEST=$!
	$AFTER
	is_replaced "$times" "$replace" "$end" || {
		status=1
		kill "$GUEST" 2>/dev/null
	}
	wait "$GUEST"
	GUEST_STATUS=$?
	kill "$CLIENT" "$STREAM"
	wait "$CLIENT" "$STREAM"
	return $status
}

# reads_on_while BEFORE AFTER TIMES COMMAND OPTION...: a guest of QEMU with these options
# reads while COMMAND replaces its device so often. BEFORE or AFTER the guest's start one
# of these starts the device.
reads_on_while() {
	local status=0 before=$1 times=$3 replace=$4
	AFTER=$2
	shift 4
	: >"$OUT"
	: >"$WORK/kill.log"
	qmp_open
	stream_begin && $before || status=1
	watched "$times" "$replace" device_is_added --memory 1024 "$@" \
		"${QMP[@]}" -- "PIECE=$PIECE MANY=$MANY DRBG=$DRBG
		$READ_ON $SHOW_COUNTERS" || status=1
	qmp_close
	return $status
}

# no_byte_twice LEAST: not among those that the guest has read, which are so many.
no_byte_twice() {
	[ "$GUEST_STATUS" = 0 ] && holds "bytes >= $1" \
		"device_errors == 0" "health_failures == 0"
}

check "a guest reads on while its device is killed $KILLS times" \
	reads_on_while true client_begin "$KILLS" client_is_killed "${LISTENING[@]}"
check "the guest used each of the $((KILLS + 1)) devices" started $((KILLS + 1))
check "no byte arrived twice" no_byte_twice $((2 * KILLS * PIECE))
note bytes gap_bytes

# ------------------------------------------------------- upgrades

# The service manager starts the next device, which goes on with the connection of the one
# before: the front end's own (connects), or that device's (listens).
service_begin() {
	: >"$WORK/service.out"
	"$BUILD/tests/unit/manager" "$WORK/notices" "$PROGRAM" "$@" --hand-over \
		--source="egd:unix:$WORK/egd" \
		</dev/null >"$WORK/service.out" 2>>"$WORK/kill.log" &
	CLIENT=$!
}

# The front end connects once.
service_listens() {
	service_begin "$@"
	soon "$HANG_SECONDS" grep -q '^ready 1' "$WORK/service.out"
}

qemu_may_connect() {
	service_listens --socket-path="$WORK/kill.sock"
}

service_connects() {
	service_begin --client --socket-path="$WORK/kill.sock"
}

service_is_restarted() {
	kill -HUP "$CLIENT"
}

# UML is a guest of a folder, whose limit is so low that it ends only when that is lifted.
readonly UML_PIECE=4096
readonly UML_MANY=$(((8 + UPGRADES) * 1048576))

uml_may_connect() {
	mkdir "$WORK/folder"
	printf 'max-bytes=32768\nperiod=1000\n' >"$WORK/folder/uml.conf"
	service_listens --socket-dir="$WORK/folder" &&
		soon "$HANG_SECONDS" [ -S "$WORK/folder/uml.sock" ]
}

limit_is_lifted() {
	echo 'max-bytes=0' >"$WORK/folder/uml.conf"
}

uml_reads_on() {
	local status=0
	AFTER=true
	: >"$OUT"
	: >"$WORK/kill.log"
	stream_begin && uml_may_connect || status=1
	watched "$UPGRADES" service_is_restarted limit_is_lifted --kernel uml \
		--device vhost-user --socket "$WORK/folder/uml.sock" -- \
		"streamcheck -p $UML_PIECE /dev/hwrng $DRBG $UML_MANY 64 4096 || exit
		$SHOW_COUNTERS" || status=1
	return $status
}

# The guest's first connection is the only one.
taken_over_each_time() {
	[ "$(grep -c 'guest taken over' "$WORK/kill.log")" = "$UPGRADES" ] &&
		[ "$(grep -c 'guest connected' "$WORK/kill.log")" = 1 ] &&
		! grep -q 'dropped\|refused' "$WORK/kill.log"
}

readonly CONNECTING=("${DEVICE[@]}" --qemu-arg=-chardev
	"--qemu-arg=socket,id=c,path=$WORK/kill.sock")
for front_end in $UPGRADED; do
	needs debian
	least=$((2 * UPGRADES * PIECE))
	options=("$UPGRADES" service_is_restarted)
	case $front_end in
	connects)
		reads=(reads_on_while qemu_may_connect true "${options[@]}"
			"${CONNECTING[@]}")
		;;
	listens)
		reads=(reads_on_while true service_connects "${options[@]}"
			"${LISTENING[@]}")
		;;
	uml)
		needs uml
		reads=(uml_reads_on)
		least=$UML_MANY
		;;
	esac
	check "$front_end: a guest reads on through $UPGRADES upgrades" "${reads[@]}"
	check "$front_end: each device took it over from the one before" \
		taken_over_each_time
	check "$front_end: no byte arrived twice in upgrades" no_byte_twice $least
	[ -z "$SKIP_REASON" ] || continue
	note bytes gap_bytes longest_ms
	echo "# longest pause of the device: $(sort -t= -k2 -n \
		"$WORK/service.out" | tail -n 1)"
done
needs debian

# ------------------------------------------------------- QEMU, kill -9

# has_logged COUNT TEXT: does the device's log have that many lines with TEXT?
has_logged() {
	[ "$(grep -c "$2" "$WORK/host.log")" -ge "$1" ]
}

# resources_of PID: prints the number of descriptors and of mappings of guest memory.
resources_of() {
	echo "$(find "/proc/$1/fd" -type l | wc -l)" \
		"$(grep -c memfd: "/proc/$1/maps")"
}

# Kills a guest's QEMU while the guest reads.
guest_is_killed() {
	local status=0
	: >"$OUT"
	rm -f "$WORK/qemu.pid"
	"$HERE/guest" --timeout 120 --device vhost-user \
		--socket "$WORK/host.sock" --qemu-arg=-pidfile \
		"--qemu-arg=$WORK/qemu.pid" "${TOOLS[@]}" -- \
		'while rate /dev/hwrng 1048576 >/dev/null; do echo got; done' \
		>"$OUT" 2>"$ERR" </dev/null &
	GUEST=$!
	if in_time grep -q got "$OUT"; then
		kill -KILL "$(<"$WORK/qemu.pid")"
	else
		status=1
		kill "$GUEST" 2>/dev/null
	fi
	wait "$GUEST" 2>/dev/null
	return $status
}

guests_are_killed() {
	local round before left='' status=0
	: >"$WORK/host.log"
	"$PROGRAM" --socket-path="$WORK/host.sock" --source=getrandom \
		</dev/null 2>"$WORK/host.log" &
	HOST=$!
	soon "$HANG_SECONDS" has_logged 1 listening || status=1
	before=$(resources_of "$HOST")
	for ((round = 1; round <= QEMU_KILLS && status == 0; round++)); do
		guest_is_killed || status=1
		soon "$HANG_SECONDS" has_logged $round "guest gone" || status=1
		left=$(resources_of "$HOST")
	done
	[ "$left" = "$before" ] || {
		echo "# before: $before, after: $left (descriptors, mappings)"
		status=1
	}
	kill "$HOST"
	wait "$HOST" || status=1
	return $status
}

check "a device survives $QEMU_KILLS kills of QEMU while the guest reads" \
	guests_are_killed

done_testing
