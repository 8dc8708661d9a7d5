#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Byte-exact delivery: what the host's source gives is what /dev/hwrng gives,
# no byte lost, repeated or moved, however it is read.
. "$(dirname "$0")/tap.sh"

# What the core took for itself are gaps in what we saw, and so is what the driver
# dropped while we read. It counted both; yet the core may have taken a chunk or
# two after our last, and unread bytes are dropped once we stop.
gaps_are_accounted() {
	local others=$(($(value bytes_read) - 64 * $(value chunks)))
	holds "$others <= $(value gap_bytes) + 128" \
		"$(value gap_bytes) <= $others + $(value bytes_discarded)" \
		"$(value bytes) == 8388608" \
		"$(value short) == 0" \
		"$(value device_errors) == 0"
}

# By itself: single bytes of it would be in the stream, somewhere.
zeros_are_no_stream() {
	head -c 10000 /dev/zero >"$WORK/zeros"
	"$BUILD/tests/guest/streamcheck" "$WORK/zeros" "$DRBG" 10000 64 \
		>"$OUT" 2>"$ERR"
	[ $? = 1 ] && grep -q 'is not in the stream' "$ERR"
}

check "what is not of the stream is found out" zeros_are_no_stream

for kernel in ${KERNELS:-debian uml}; do
	check "$kernel: 8 MiB in odd sizes are the host's stream" \
		in_guest --kernel "$kernel" --device vhost-user \
		--source "$DRBG" "${TOOLS[@]}" -- "set -e
		streamcheck /dev/hwrng $DRBG 8388608 1 7 63 64 65 4096 65536
		$SHOW_COUNTERS"
	check "$kernel: each byte is accounted for" gaps_are_accounted
done

done_testing
