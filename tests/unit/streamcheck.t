#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# streamcheck on bytes in the order in which the hwrng core hands them out, with chunks
# of 64 bytes, and of 256 as on s390x. TAP on stdout; B names the folder of built
# programs.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
speaker=streamcheck
rngd=$(apart_rngd) || exit 1
streamcheck=$(program tests/guest/streamcheck) || exit 1
drbg=drbg:seed=0000000000000000000000000000000000000000000000000000000000000000

"$rngd" -fq --source=$drbg -o stream --blocks=1

# handed_out CHUNK SIZE: prints 1,024 bytes of the stream as reads of SIZE bytes get
# them: the core hands out each chunk from its end.
handed_out() {
	local chunk=$1 size=$2 at left
	for ((at = 0; at < 1024; at += chunk)); do
		for ((left = chunk - size; left >= 0; left -= size)); do
			tail -c +$((at + left + 1)) stream | head -c "$size"
		done
	done
}

# rngd has used the first four bytes: it compares its first block with them.
handed_out 64 32 >of64
handed_out 256 64 >of256

run "$streamcheck" -c 64 of64 $drbg 1024 32
[ $status = 0 ] && grep -q '^bytes=1024 chunk=64 chunks=16 short=0 split=0 gaps=1 gap_bytes=4 ' out
ok $? "chunks of 64 bytes are found in the stream"

run "$streamcheck" -c 256 of256 $drbg 1024 64
[ $status = 0 ] && grep -q '^bytes=1024 chunk=256 chunks=4 short=0 split=0 gaps=1 gap_bytes=4 ' out
ok $? "chunks of 256 bytes are found in the stream"

run "$streamcheck" -c 64 of256 $drbg 1024 64
[ $status = 1 ] && grep -q '^streamcheck: byte .* is not in the stream' err
ok $? "chunks of 256 bytes are not accepted as chunks of 64"

for chunk in 0 7 257 word; do
	run "$streamcheck" -c "$chunk" of64 $drbg 1024 32
	[ $status = 64 ]
	ok $? "a chunk of $chunk is refused"
done

done_testing
