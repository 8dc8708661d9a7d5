#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The host's device with QEMU: packed rings with both drivers, and a device that
# is killed under a guest that reads.
#
# KILLS is how often that is (5).
. "$(dirname "$0")/tap.sh"

readonly KILLS=${KILLS:-5}
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

for driver in vrng virtio_rng; do
	for event_idx in on off; do
		check "packed, $driver, event_idx=$event_idx: the stream arrives" \
			reads_stream --driver $driver "${PACKED[@]}" \
			--qemu-arg=-global \
			--qemu-arg=vhost-user-rng-pci.event_idx=$event_idx
		check "and the ring was packed" [ "$(value packed)" = 1 ]
		# once is enough where it goes the same way
		[ $driver = vrng ] || break
	done
done

# ------------------------------------------------------- kill -9, reconnect

# The guest says how far it is; at each word the device is killed and the next
# one begun. QEMU listens.
readonly LISTENING=(--device none --qemu-arg=-chardev
	"--qemu-arg=socket,id=c,path=$WORK/kill.sock,server=on"
	--qemu-arg=-device "--qemu-arg=vhost-user-rng-pci,chardev=c")

client_begin() {
	"$PROGRAM" --client --socket-path="$WORK/kill.sock" \
		--source=getrandom </dev/null >>"$WORK/kill.log" 2>&1 &
	CLIENT=$!
}

# said: how many times the guest has read a piece.
said() {
	grep -c '^got' "$OUT"
}

# reads_on: two pieces more, the first of which may have been on its way.
reads_on() {
	local tries=0 goal=$(($(said) + 2))
	until [ "$(said)" -ge $goal ]; do
		tries=$((tries + 1))
		[ $tries -lt 2400 ] && kill -0 "$GUEST" 2>/dev/null || return 1
		sleep 0.05
	done
}

reads_on_while_killed() {
	local round status=0
	: >"$OUT"
	: >"$WORK/kill.log"
	"$HERE/guest" --timeout 300 "${LISTENING[@]}" "${TOOLS[@]}" -- \
		'while rate /dev/hwrng 4194304 >/dev/null; do echo got; done' \
		>"$OUT" 2>"$ERR" </dev/null &
	GUEST=$!
	client_begin
	for ((round = 1; round <= KILLS; round++)); do
		reads_on || status=1
		kill -KILL "$CLIENT"
		wait "$CLIENT" 2>/dev/null
		client_begin
	done
	reads_on || status=1
	kill "$GUEST" "$CLIENT" 2>/dev/null
	wait "$GUEST" "$CLIENT" 2>/dev/null
	return $status
}

check "a guest reads on while its device is killed $KILLS times" \
	reads_on_while_killed
check "each of its successors was taken up" [ "$(grep -c 'guest started' \
	"$WORK/kill.log")" -gt "$KILLS" ]

done_testing
