#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two clones of one snapshot read no byte in common after it, on two processors. The
# threads that read number what they read, and the snapshot shows which pieces were read
# before it: see pieces.c.
#
# A piece that a thread was reading may be in both clones: the hwrng core or the program
# had it already. A driver cannot take that back.
#
# PAIRS=N snapshots for each case (2, of some 8 s each), KERNELS the kernels (debian).
. "$(dirname "$0")/tap.sh"
# shellcheck source=lib/pairs.sh
. "$HERE/lib/pairs.sh"

PAIRS=${PAIRS:-2}

# pieces_case [OPTION]...: runs clone, with a line for each pair in $OUT.
pieces_case() {
	"$HERE/clone" --pieces --pairs "$PAIRS" --cpus 2 "$@" >"$OUT" 2>"$ERR" </dev/null
}

# each_pair TERM...: as each_line, if there are as many pairs as there should be.
each_pair() {
	[ "$(pairs)" = "$PAIRS" ] || {
		echo "# there are $(pairs) pairs, not $PAIRS"
		return 1
	}
	each_line "$@"
}

# Each machine had another ID, and the dumps have all that was read.
readonly WHOLE=("ids == 3" "after >= 2 * 4095" "lost == 0")

for kernel in ${KERNELS:-debian}; do
	[[ $kernel != uml* ]] || continue # no snapshots
	needs "$kernel"
	check "$kernel: $PAIRS snapshots under two readers" \
		pieces_case --kernel "$kernel"
	report
	check "$kernel, read: no piece that was read after is in both clones" \
		each_pair "${WHOLE[@]}" "shared == 0"
	check "$kernel, read: at most the pieces that were being read are" \
		each_pair "held <= 2"
	check "$kernel, read: a fork counts once, and the clones have different IDs" \
		each_pair "forks == 1" "clone_ids == 2"

	check "$kernel: $PAIRS snapshots at rest" \
		pieces_case --kernel "$kernel" -- -q
	report
	check "$kernel, at rest: no piece is in both clones" \
		each_pair "${WHOLE[@]}" "shared == 0" "held == 0"
	check "$kernel, at rest: a fork counts once, and the clones have different IDs" \
		each_pair "forks == 1" "clone_ids == 2"

	# For comparison. It decides nothing.
	if [ -n "${PEERS-}" ]; then
		check "$kernel: $PAIRS snapshots with the in-tree driver, read" \
			pieces_case --kernel "$kernel" --driver virtio_rng
		report
		check "$kernel: $PAIRS snapshots with the in-tree driver, at rest" \
			pieces_case --kernel "$kernel" --driver virtio_rng -- -q
		report
	fi
done

done_testing
