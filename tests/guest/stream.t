#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Byte-exact delivery: what the host's source gives is what /dev/hwrng gives,
# no byte lost, repeated or moved, however it is read.
. "$(dirname "$0")/tap.sh"

# By itself: single bytes of it would be in the stream, somewhere.
zeros_are_no_stream() {
	head -c 10000 /dev/zero >"$WORK/zeros"
	"$BUILD/tests/guest/streamcheck" "$WORK/zeros" "$DRBG" 10000 64 \
		>"$OUT" 2>"$ERR"
	[ $? = 1 ] && grep -q 'is not in the stream' "$ERR"
}

# A stream with 1000 bytes left out in its second chunk, after 64 bytes, and then
# the same with the parts of that chunk exchanged.
chunks_with_a_gap() {
	awk 'BEGIN {
		srand(20261127)
		while (lines++ < 1000)
			printf "%07x%07x", rand() * 2 ^ 28, rand() * 2 ^ 28
	}' >"$WORK/stream"
	{
		head -c 320 "$WORK/stream"
		tail -c +1321 "$WORK/stream" | head -c 448
	} >"$WORK/gap"
	{
		head -c 256 "$WORK/gap"
		tail -c +321 "$WORK/gap" | head -c 192
		tail -c +257 "$WORK/gap" | head -c 64
		tail -c +513 "$WORK/gap"
	} >"$WORK/moved"
}

# Reads of a chunk's size have its bytes in their order.
holds_against_stream() {
	"$BUILD/tests/guest/streamcheck" -c 256 "$1" "file:$WORK/stream" 768 \
		256 >"$OUT" 2>"$ERR"
}

a_gap_is_placed() {
	holds_against_stream "$WORK/gap" &&
		holds "split == 1" "gap_bytes == 1000" "short == 0" \
			"end == 1768"
}

a_move_is_found_out() {
	! holds_against_stream "$WORK/moved" &&
		grep -q 'is not in the stream' "$ERR"
}

check "what is not of the stream is found out" zeros_are_no_stream
chunks_with_a_gap
check "a gap within a chunk of 256 bytes is told as one" a_gap_is_placed
check "a chunk whose parts changed places is found out" a_move_is_found_out

for kernel in ${KERNELS:-debian uml}; do
	needs "$kernel"
	check "$kernel: 8 MiB in odd sizes are the host's stream" \
		in_guest --kernel "$kernel" --device vhost-user \
		--source "$DRBG" "${TOOLS[@]}" -- "set -e
		streamcheck /dev/hwrng $DRBG 8388608 1 7 63 64 65 4096 65536
		$SHOW_COUNTERS"
	check "$kernel: each byte is accounted for" is_accounted 8388608
done

done_testing
