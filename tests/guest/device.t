#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The host's device with QEMU: packed rings with both drivers, a device that is killed
# while a guest reads, and guests that are killed while they read.
#
# KILLS       how often the device is killed (5; the long run has 100)
# QEMU_KILLS  how often QEMU is killed (2; 100)
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/lib/qmp.sh"

readonly KILLS=${KILLS:-5} QEMU_KILLS=${QEMU_KILLS:-2}
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
readonly LISTENING=(--device none --qemu-arg=-chardev
	"--qemu-arg=socket,id=c,path=$WORK/kill.sock,server=on"
	--qemu-arg=-device "--qemu-arg=vhost-user-rng-pci,chardev=c")
readonly PIECE=65536
# More bytes than it reads: a device of another kind is its signal to end.
readonly MANY=$((64 * 1048576 + KILLS * 32 * PIECE))

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

device_is_killed() {
	local round
	for ((round = 1; round <= KILLS; round++)); do
		reads_on $round || return
		kill -KILL "$CLIENT"
		wait "$CLIENT" 2>/dev/null
		client_begin
	done
	reads_on $round && qmp device_add '"driver": "pci-testdev"'
}

# Sets GUEST_STATUS.
reads_on_while_killed() {
	local status=0
	: >"$OUT"
	: >"$WORK/kill.log"
	qmp_open
	stream_begin || status=1
	"$HERE/guest" --timeout $((300 + 5 * KILLS)) --memory 1024 \
		"${LISTENING[@]}" "${QMP[@]}" "${TOOLS[@]}" -- "PIECE=$PIECE
		MANY=$MANY DRBG=$DRBG $READ_ON $SHOW_COUNTERS" \
		>"$OUT" 2>"$ERR" </dev/null &
	GUEST=$!
	client_begin
	device_is_killed || {
		status=1
		kill "$GUEST" 2>/dev/null
	}
	wait "$GUEST"
	GUEST_STATUS=$?
	kill "$CLIENT" "$STREAM"
	wait "$CLIENT" "$STREAM"
	qmp_close
	return $status
}

no_byte_twice() {
	[ "$GUEST_STATUS" = 0 ] && holds "bytes >= 2 * KILLS * PIECE" \
		"device_errors == 0" "health_failures == 0"
}

check "a guest reads on while its device is killed $KILLS times" \
	reads_on_while_killed
check "the guest used each of the $((KILLS + 1)) devices" started $((KILLS + 1))
check "no byte arrived twice" no_byte_twice
note bytes gap_bytes

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
