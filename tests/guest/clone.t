#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What two clones of one snapshot share of what they read from /dev/hwrng.
#
# PAIRS=N snapshots for the cases that are counted (2, of some 7 s each).
#
# Between the resume and the notice the kernel cannot know that it was cloned.
# What a reader gets in that moment may be in both; how long it was and how much
# that came to is reported here, as "early". It is bounded by what is held: the
# driver's 64 KiB at most.
. "$(dirname "$0")/tap.sh"

PAIRS=${PAIRS:-2}
readonly WINDOW=16

# fork_case [OPTION]...: what clone says of each pair goes to $OUT.
fork_case() {
	"$HERE/clone" "$@" >"$OUT" 2>"$ERR" </dev/null
}

# Is each of these true of every pair, a term being of clone's names?
each_pair() {
	local line lines
	mapfile -t lines <"$OUT"
	[ ${#lines[@]} -ge 1 ] || {
		echo "# there is no pair"
		return 1
	}
	for line in "${lines[@]}"; do
		echo "$line" >"$WORK/pair"
		OUT=$WORK/pair holds "$@" || return
	done
}

report() {
	sed 's/^/# /' "$OUT"
}

# Each kernel had a generation ID of its own and was notified.
readonly FORKED="ids == 3 && notified == 2 && windows > 8000"

needs debian
check "$PAIRS pairs cloned in a stream" \
	fork_case --cpus 2 --pairs "$PAIRS"
report
check "each is a clone and knows it" each_pair "$FORKED"
check "none shares a window with the other after the notice" \
	each_pair "shared == 0"
check "before it, no more than the driver held" \
	each_pair "early_shared <= 65536"

check "$PAIRS pairs cloned at rest" fork_case --pairs "$PAIRS" -- -q -w
report
check "each knows it" each_pair "$FORKED" "dropped > 0"
check "none shares a window with the other" each_pair "shared == 0"

check "$PAIRS pairs with the in-tree driver" \
	fork_case --driver virtio_rng --pairs "$PAIRS" -- -q -w
report
check "each knows it" each_pair "$FORKED"
check "and yet both give the same 64 bytes" \
	each_pair "shared == 64 - $WINDOW + 1" "shared_end == 64"

# The hwrng core keeps what a read left of the 64 bytes it asked us for. No
# driver can take that back.
check "clones of a guest whose last read was of one byte" \
	fork_case -- -q -w -r 65537
report
check "share the 63 bytes that the hwrng core kept, and no more" \
	each_pair "$FORKED" "shared == 63 - $WINDOW + 1" "shared_end == 63"
check "clones that drain the core first" fork_case -- -q -w -r 65537 -x 63
report
check "share nothing" each_pair "$FORKED" "shared == 0"

# Without a generation ID, or a notifier, age alone tells: slow readers of what
# a fast one left them. By the guest's clock, which stands still in a file.
readonly SLOW=(-g 0 -b 8192 -p 10 -s 64)
readonly AGE_MS=300 TICKS_MS=10
check "clones that are never told" \
	fork_case --no-id --driver-param max_age_ms=$AGE_MS -- "${SLOW[@]}"
report
check "get bytes from before the fork, none older than max_age_ms" \
	each_pair "notified == 0" "early_shared > 0" \
	"early_us <= ($AGE_MS + $TICKS_MS) * 1000"
check "clones that are never told, max_age_ms as it is by default" \
	fork_case --no-id -- "${SLOW[@]}"
report
check "get them for longer" \
	each_pair "early_us > ($AGE_MS + $TICKS_MS) * 1000"

done_testing
