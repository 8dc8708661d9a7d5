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
		"uuid == 0" "clone_id == 0"
}

# Both the driver and the kernel's log show the fork.
counted_once() {
	holds "once == $N" "fresh == $N" "agent == 0"
}

shown_by_log() {
	holds "once == $N" "fresh == $N" "log == $N"
}

shown_by_agent() {
	holds "once == $N" "fresh == $N" "agent == $N"
}

needs debian
check "$N clones with a generation ID run their hooks" fleet
check "with a generation ID: hwrng, urandom, getrandom and uuid differ" distinct
check "one fork counts once, and wait-fresh ends with status 0" counted_once
check "$N clones with the in-tree driver run their hooks" \
	fleet --driver virtio_rng
check "with the in-tree driver: hwrng, urandom, getrandom and uuid differ" distinct
check "the kernel's log shows the fork, once" shown_by_log
check "$N clones whose agents tell rngd of the fork run their hooks" fleet --agent
check "with agents: hwrng, urandom, getrandom and uuid differ" distinct
check "their report counts once" shown_by_agent

done_testing
