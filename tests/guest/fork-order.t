#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The quick form of `make bench-forks`: a pair of clones that are resumed at the same
# time. Cases decide on the order of what follows a VM fork, and on the bytes that the
# clones have in common, not on times. The hook sleeps: a wait-fresh that did not wait for
# it would end before.
. "$(dirname "$0")/tap.sh"
readonly CLONES=2

clones() {
	"$TOP/tests/bench/clones" --clones $CLONES --hook-s 2 "$@" >"$OUT" 2>"$ERR" </dev/null
}

# in_order EVENT...: each clone has these events, each not before the last one.
in_order() {
	awk -v events="$*" -v clones=$CLONES '
		$1 == "time" { at[$2, $3] = $4 }
		END {
			n = split(events, event, " ")
			for (c = 1; c <= clones; c++)
				for (i = 1; i <= n; i++)
					if (!((event[i], c) in at) || (i > 1 &&
					    at[event[i], c] < at[event[i - 1], c])) {
						print "# clone " c ": " event[i]
						exit 1
					}
		}' "$OUT"
}

# once SIGN...: rngd counts one fork, shown first by one of these.
once() {
	awk -v signs=" $* " -v clones=$CLONES '
		$1 == "source" && index(signs, " " $3 " ") && $4 == "yes" { seen++ }
		$1 == "forks" && $3 == 1 { one++ }
		END { exit seen != clones || one != clones }' "$OUT"
}

# apart: all kinds were read, and none is in both clones after wait-fresh has ended.
apart() {
	awk '$1 == "shared" { kinds++; after += $5; none += !$6 }
		END { exit kinds != 4 || after || none }' "$OUT"
}

if [ "$(uname -m)" != x86_64 ]; then
	echo "1..0 # SKIP forkwatch uses the I/O ports of x86"
	exit
fi
needs debian
check "vmgenid: two clones run their hooks" clones
check "vmgenid: page, reseed, hooks and wait-fresh come in that order" \
	in_order run page fed hooks fresh
check "vmgenid: one fork counts once" once clone_generation kernel-log
check "vmgenid: no bytes are in both clones after wait-fresh" apart
check "agent: two clones run their hooks" clones --sign agent
check "agent: page, reseed, hooks and wait-fresh come in that order" \
	in_order run told page fed hooks fresh
check "agent: one fork counts once" once agent
check "agent: no bytes are in both clones after wait-fresh" apart

done_testing
