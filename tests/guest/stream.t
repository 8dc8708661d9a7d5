#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Byte-exact delivery: what the host's source gives is what /dev/hwrng gives,
# no byte lost, repeated or moved, however it is read.
. "$(dirname "$0")/tap.sh"

# What the core took for itself are gaps in what we saw. The driver counted all
# it handed out and all it dropped: the two must agree, but for a chunk or two
# that the core may have taken after our last.
gaps_are_accounted() {
	local others=$(($(value bytes_read) + $(value bytes_discarded) - \
		64 * $(value chunks)))
	holds "$(value gap_bytes) <= $others" \
		"$others <= $(value gap_bytes) + 128" \
		"$(value bytes) == 8388608" \
		"$(value short) == 0" \
		"$(value device_errors) == 0"
}

for kernel in ${KERNELS:-debian uml}; do
	check "$kernel: 8 MiB in odd sizes are the host's stream" \
		in_guest --kernel "$kernel" --device vhost-user \
		--source "$DRBG" "${TOOLS[@]}" -- "set -e
		streamcheck /dev/hwrng $DRBG 8388608 1 7 63 64 65 4096 65536
		$SHOW_COUNTERS"
	check "$kernel: each byte is accounted for" gaps_are_accounted
done

done_testing
