#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests resumed from one snapshot share nothing once rngd's fork hooks have run,
# whether the machine tells of the fork or an agent does; these were reading
# ahead when they were saved. CLONES says how many (3); 8 is what the operator
# of a fleet would want to see.
. "$(dirname "$0")/tap.sh"

readonly N=${CLONES:-3}

fleet() {
	"$HERE/fleet" --clones "$N" "$@" >"$OUT" 2>"$ERR"
}

distinct() {
	sed 's/^/# /' "$OUT"
	holds "clones == $N" "hwrng == 0" \
		"urandom == 0" "getrandom == 0" \
		"uuid == 0"
}

needs debian
check "$N clones with a generation ID run their hooks" fleet
check "and share no byte of hwrng, urandom, getrandom, and no uuid" distinct
check "$N clones without, whose agents tell rngd, run their hooks" fleet --agent
check "and share nothing, either" distinct

done_testing
