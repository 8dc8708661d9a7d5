#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Suspend to RAM under a reader: the driver is frozen, its device is reset, and it is
# restored. Bytes that were read ahead before are not served after, and the bytes served
# are of the host's stream.
#
# ROUNDS=N suspends (3, of some 2 s each).
. "$(dirname "$0")/tap.sh"

ROUNDS=${ROUNDS:-3}

# The bzImage: when booted by its PVH entry, which other cases use for speed, this kernel
# does not resume from S3 (its wake-up code is not where the BIOS jumps to).
! needs debian || image=$("$HERE/kernel" debian)/vmlinuz

none_is_old() {
	[ "$(grep -c '^round=[0-9]* old=0$' "$OUT")" = "$ROUNDS" ]
}

# Wakes the guest through QEMU's monitor whenever it sleeps. An alarm of the guest's own
# clock could go off before it sleeps on a busy host.
wake() {
	local line
	exec 8<>"$WORK/monitor.in" 9<>"$WORK/monitor.out"
	echo '{"execute":"qmp_capabilities"}' >&8
	while read -r line <&9; do
		[[ $line != *'"SUSPEND"'* ]] ||
			echo '{"execute":"system_wakeup"}' >&8
	done
}

mkfifo "$WORK/monitor.in" "$WORK/monitor.out"
if needs debian; then
	wake &
	waker=$!
fi

# shellcheck disable=SC2016
check "debian: $ROUNDS suspends under a reader" \
	in_guest --timeout $((120 + 10 * ROUNDS)) --kernel "$image" \
	--device vhost-user --source "$DRBG" "${TOOLS[@]}" \
	--qemu-arg -chardev --qemu-arg "pipe,id=monitor,path=$WORK/monitor" \
	--qemu-arg -mon --qemu-arg chardev=monitor,mode=control \
	--file "$BUILD/tests/guest/forkread" --file "$HERE/suspend.awk" -- '
	set -e
	cd /sys/bus/virtio/drivers/vrng/virtio*/vrng
	forkread -d $PWD -g '"$ROUNDS"' -p 20 >/tmp/said & pid=$!
	held() {
		echo $(($(cat bytes_received) - $(cat bytes_read) -
			$(cat bytes_discarded)))
	}
	# Waits until the reader has more than $1 bytes of output and the driver holds
	# 64 bytes.
	await_held() {
		until [ $(stat -c %s /tmp/said) -gt $1 ] && [ $(held) -ge 64 ]; do
			kill -0 $pid
			sleep 0.05
		done
	}
	round=0
	while [ $round -lt '"$ROUNDS"' ]; do
		await_held $(($(stat -c %s /tmp/said) + 65536))
		echo mem >/sys/power/state
		round=$((round + 1))
	done
	wait $pid
	awk "NF == 4 { print \$4 }" /tmp/said | xxd -r -p >/tmp/bytes
	size=$(wc -c </tmp/bytes)
	streamcheck -g /tmp/bytes '"$DRBG"' $size 64 >/tmp/gaps
	tail -n 1 /tmp/gaps
	awk -f /suspend.awk /tmp/gaps /tmp/said
	'"$SHOW_COUNTERS"
[ -z "$waker" ] || kill "$waker"
note bytes_discarded bytes_received
check "debian: bytes read ahead before a suspend are not served after" none_is_old
check "debian: the stream loses nothing else" holds \
	"bytes_discarded > 0" "clone_generation >= $ROUNDS" \
	"device_errors == 0"

done_testing
