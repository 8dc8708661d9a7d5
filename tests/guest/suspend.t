#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Suspend to RAM: the driver is frozen, its device reset, and restored. What was
# read ahead before is never served after, and what is served is still the
# host's stream.
. "$(dirname "$0")/tap.sh"

# As a bzImage: started by its PVH entry, as guests here are for speed, this
# kernel does not come back from S3 (its wake-up code is not where the BIOS
# jumps to).
image=$("$HERE/kernel" debian)/vmlinuz

discards_and_goes_on() {
	holds "$(value short) == 0" "$(value clone_generation) >= 3" \
		"$(value bytes_discarded) > 0"
}

# shellcheck disable=SC2016
check "debian: three suspends in a stream that goes on" \
	in_guest --kernel "$image" --device vhost-user --source "$DRBG" \
	"${TOOLS[@]}" -- '
	set -e
	streamcheck /dev/hwrng '"$DRBG"' 6291456 4096 >/tmp/found 2>&1 & pid=$!
	round=0
	while [ $round -lt 3 ]; do
		echo 0 >/sys/class/rtc/rtc0/wakealarm
		echo +2 >/sys/class/rtc/rtc0/wakealarm
		echo mem >/sys/power/state
		round=$((round + 1))
	done
	wait $pid || { cat /tmp/found; exit 1; }
	cat /tmp/found
	'"$SHOW_COUNTERS"
check "debian: what was asked for before is gone" discards_and_goes_on

done_testing
