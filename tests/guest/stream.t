#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Byte-exact delivery: /dev/hwrng gives the stream of the host's source, with no byte
# lost, repeated or moved, for reads of any size.
. "$(dirname "$0")/tap.sh"

# Zeros have a case of their own: single bytes are in the stream, somewhere.
zeros_are_no_stream() {
	head -c 10000 /dev/zero >"$WORK/zeros"
	"$BUILD/tests/guest/streamcheck" "$WORK/zeros" "$DRBG" 10000 64 \
		>"$OUT" 2>"$ERR"
	[ $? = 1 ] && grep -q 'is not in the stream' "$ERR"
}

# Makes a stream with a gap of 1000 bytes inside its second chunk, after 64 bytes, and
# then the same with the parts of that chunk exchanged.
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

# is_of_stream FILE: in reads of a chunk's size, bytes are in the order of the stream.
is_of_stream() {
	"$BUILD/tests/guest/streamcheck" -c 256 "$1" "file:$WORK/stream" 768 \
		256 >"$OUT" 2>"$ERR"
}

a_gap_is_found() {
	is_of_stream "$WORK/gap" &&
		holds "split == 1" "gap_bytes == 1000" "short == 0" \
			"end == 1768"
}

a_move_is_found() {
	! is_of_stream "$WORK/moved" &&
		grep -q 'is not in the stream' "$ERR"
}

check "bytes that are not of the stream are found" zeros_are_no_stream
chunks_with_a_gap
check "a gap within a chunk of 256 bytes is counted as one gap" a_gap_is_found
check "a chunk whose parts changed places is found" a_move_is_found

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
