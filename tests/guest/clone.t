#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bytes of /dev/hwrng that two clones of one snapshot have in common.
#
# PAIRS=N snapshots for the cases that are counted (2, of some 7 s each).
#
# Between the resume and the notice the kernel does not know that it was cloned. What is
# read in that time is reported as "early". The driver compares the VM generation page,
# so none of it is in both clones. snapshot.t shows the same for several readers.
. "$(dirname "$0")/tap.sh"
# shellcheck source=lib/pairs.sh
. "$HERE/lib/pairs.sh"

PAIRS=${PAIRS:-2}
readonly WINDOW=16

# fork_case [OPTION]...: runs clone, with a line for each pair in $OUT.
fork_case() {
	"$HERE/clone" "$@" >"$OUT" 2>"$ERR" </dev/null
}

# each_pair TERM...: as each_line, if there are as many pairs as there should be.
each_pair() {
	[ "$(pairs)" -ge 1 ] || {
		echo "# there is no pair"
		return 1
	}
	each_line "$@"
}

# Each kernel has a generation ID of its own and was notified.
readonly FORKED="ids == 3 && notified == 2 && windows > 8000"

needs debian
check "$PAIRS pairs cloned while they read" \
	fork_case --cpus 2 --pairs "$PAIRS"
report
check "cloned while they read: each was notified of the fork" each_pair "$FORKED"
check "cloned while they read: no window is in both after the notice" \
	each_pair "shared == 0"
check "cloned while they read: none is before it, either" \
	each_pair "early_shared == 0"

check "$PAIRS pairs cloned at rest" fork_case --pairs "$PAIRS" -- -q -w
report
check "cloned at rest: each was notified and dropped bytes" \
	each_pair "$FORKED" "dropped > 0"
check "cloned at rest: no window is in both" each_pair "shared == 0"

check "$PAIRS pairs with the in-tree driver" \
	fork_case --driver virtio_rng --pairs "$PAIRS" -- -q -w
report
check "in-tree driver: each was notified" each_pair "$FORKED"
check "in-tree driver: both read the same 64 bytes nevertheless" \
	each_pair "shared == 64 - $WINDOW + 1" "shared_end == 64"

# The hwrng core keeps the rest of the 64 bytes that it asked the driver for. No driver
# can take that back.
check "clones of a guest whose last read was of one byte" \
	fork_case -- -q -w -r 65537
report
check "last read of one byte: both read the 63 bytes of the core, no more" \
	each_pair "$FORKED" "shared == 63 - $WINDOW + 1" "shared_end == 63"
check "clones that drain the core first" fork_case -- -q -w -r 65537 -x 63
report
check "core drained: no window is in both" each_pair "$FORKED" "shared == 0"

# Without a generation ID bytes are discarded by age only, or at rest. The readers
# are slow, and read what a fast reader left. The age is by the guest's clock, which
# does not advance in a snapshot file.
readonly SLOW=(-g 0 -b 8192 -p 10 -s 64)
readonly AGE_MS=300 TICKS_MS=10
check "clones that are not notified" \
	fork_case --no-id --driver-param max_age_ms=$AGE_MS -- "${SLOW[@]}"
report
# Where the host is busy, all bytes may have expired before the snapshot.
check "not notified: no bytes older than max_age_ms are read" \
	each_pair "notified == 0" "early > 0" \
	"early_us <= ($AGE_MS + $TICKS_MS) * 1000"
check "clones that are not notified, with the default max_age_ms" \
	fork_case --no-id -- "${SLOW[@]}"
report
check "not notified, default: old bytes are read for longer" \
	each_pair "early_shared > 0" "early_us > ($AGE_MS + $TICKS_MS) * 1000"

done_testing
