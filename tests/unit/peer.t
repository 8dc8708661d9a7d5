#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# VRNG_NETWORK=no, as in `make quickcheck`: packages to compare with are taken from the
# cache and never downloaded. apt is a stub that notes its calls. TAP on stdout.
# shellcheck disable=SC2317 # called by name
set -uo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=../bench/peer.sh
. "$here/../bench/peer.sh"
folder=$(mktemp -d "${TMPDIR:-/tmp}/vrng-peer.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
export XDG_CACHE_HOME=$folder/cache
CASE_OUT=$folder/case
# shellcheck source=cases.sh
. "$here/cases.sh"

explain() {
	cat "$folder/out" "$folder/err"
}

apt-cache() {
	echo "  Candidate: 1.0"
}

timeout() {
	echo "$*" >>"$folder/calls"
	return 1
}

dpkg() {
	:
}

apt-get() {
	:
}

# finds NETWORK: peer_package with VRNG_NETWORK=NETWORK.
finds() {
	VRNG_NETWORK=$1 peer_package some-package >"$folder/out" 2>"$folder/err"
}

is_skipped() {
	! finds no && [ ! -e "$folder/calls" ] &&
		grep -q '^some-package: not in the cache' "$folder/err"
}

is_downloaded() {
	! finds '' && grep -q 'apt-get .*download some-package' "$folder/calls"
}

is_used() {
	mkdir -p "$XDG_CACHE_HOME/vrng/peer-some-package-1.0"
	finds no && [ "$(cat "$folder/out")" = "$XDG_CACHE_HOME/vrng/peer-some-package-1.0" ]
}

ok "without the network a package that is not in the cache is named" is_skipped
ok "otherwise it is downloaded" is_downloaded
ok "what is in the cache is used without the network" is_used

end_cases
