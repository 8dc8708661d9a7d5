#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Suspend to RAM: the driver is frozen, its device reset, and restored, while a
# reader reads. What was read ahead before is never served after, and what is
# served is still the host's stream.
#
# ROUNDS=N suspends (3, of some 3 s each).
. "$(dirname "$0")/tap.sh"

ROUNDS=${ROUNDS:-3}

# As a bzImage: started by its PVH entry, as guests here are for speed, this
# kernel does not come back from S3 (its wake-up code is not where the BIOS
# jumps to).
image=$("$HERE/kernel" debian)/vmlinuz

none_is_old() {
	[ "$(grep -c '^round=[0-9]* old=0$' "$OUT")" = "$ROUNDS" ]
}

# A wake-up alarm is set to the second: less than two may be none.
# shellcheck disable=SC2016
check "debian: $ROUNDS suspends under a reader" \
	in_guest --timeout $((120 + 10 * ROUNDS)) --kernel "$image" \
	--device vhost-user --source "$DRBG" "${TOOLS[@]}" \
	--file "$BUILD/tests/guest/forkread" --file "$HERE/suspend.awk" -- '
	set -e
	alarm=/sys/class/rtc/rtc0/wakealarm
	cd /sys/bus/virtio/drivers/vrng/virtio*/vrng
	forkread -d $PWD -g '"$ROUNDS"' -p 5 >/tmp/said & pid=$!
	held() {
		echo $(($(cat bytes_received) - $(cat bytes_read) -
			$(cat bytes_discarded)))
	}
	# To be seen to hold something, from a stream that has begun again.
	await_held() {
		lines=$(($(wc -l </tmp/said) + 1024))
		until [ $(wc -l </tmp/said) -gt $lines ] && [ $(held) -ge 64 ]; do
			kill -0 $pid
		done
	}
	round=0
	while [ $round -lt '"$ROUNDS"' ]; do
		await_held
		echo 0 >$alarm
		echo +2 >$alarm
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
echo "# $(value bytes_discarded) of $(value bytes_received) bytes discarded"
check "debian: what was read ahead before them is not served after" none_is_old
check "debian: and the stream loses nothing else" holds \
	"$(value bytes_discarded) > 0" "$(value clone_generation) >= $ROUNDS" \
	"$(value device_errors) == 0"

done_testing
