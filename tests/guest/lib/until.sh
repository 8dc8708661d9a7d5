# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Bounded waits for a condition, on the host and in a guest.

# Seconds within which a host process starts, ends or prints what is waited for. Only a
# hang takes longer.
readonly HANG_SECONDS=60

# soon SECONDS COMMAND...: repeats COMMAND until it succeeds. Status: 1 if it does
# not within SECONDS.
soon() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -le "$end" ] || return 1
		sleep 0.02
	done
}

# is_gone PID: has the process ended?
is_gone() {
	! kill -0 "$1" 2>/dev/null
}

# Commands for a guest:
#   until_true COMMAND...   repeats COMMAND until it succeeds, for up to 60 s
# shellcheck disable=SC2016 # expanded in there
readonly UNTIL='
until_true() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 1200 ] || { echo "in vain: $*"; return 1; }
		sleep 0.05
	done
}
'
