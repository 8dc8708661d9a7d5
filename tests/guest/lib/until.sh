# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Said in a guest before what waits there.
#   until_true COMMAND...   for up to 60 s
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
