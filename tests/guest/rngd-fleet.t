#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests that are resumed from one snapshot have no bytes in common once rngd's fork hooks
# have run, whether the machine or an agent announces the fork. The driver held bytes
# when the snapshot was taken.
#
# CLONES=N guests (3; a longer run with 8 shows what a fleet has).
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
check "with a generation ID: hwrng, urandom, getrandom and uuid differ" distinct
check "$N clones whose agents tell rngd of the fork run their hooks" fleet --agent
check "with agents: hwrng, urandom, getrandom and uuid differ" distinct

done_testing
