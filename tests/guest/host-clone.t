#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host that is a clone itself: egd-server runs in a guest, with bytes at hand, when a
# snapshot is taken. The first answer of each clone is another one.
#
# CLONES=N guests (3).
. "$(dirname "$0")/tap.sh"

readonly N=${CLONES:-3}
readonly SERVER=$BUILD/tests/device/egd-server

# A client that was there before: it got 16 bytes and gets 16 in each clone.
# shellcheck disable=SC2016 # expanded in the guest
readonly ASK='
ask() {
	printf "\002\020" >&3
	until [ "$(wc -c <got)" -ge "$1" ]; do sleep 0.01; done
}'
# shellcheck disable=SC2016
readonly BEFORE='set -e
ifconfig lo up
egd-server --listen=tcp:8888 $OPTIONS 2>log &
until grep -q listening log; do sleep 0.05; done
mkfifo asked
nc 127.0.0.1 8888 <asked >got &
exec 3>asked'"$ASK"'
ask 16'
# shellcheck disable=SC2016
readonly AFTER='ask 32
cat log >&2
echo "egd=$(tail -c 16 got | xxd -p)"'

# clone_host OPTIONS...: of egd-server.
clone_host() {
	"$HERE/clones" --clones "$N" -- --file "$SERVER" \
		"OPTIONS='$*'
$BEFORE" "$AFTER" >"$OUT" 2>"$ERR"
}

needs debian
check "$N clones of a host with egd-server" clone_host
check "each gives its client other bytes" holds "egd == $N" "clones == $N"
# Without vrng.ko and without rngd nothing shows the fork to egd-server.
without_signs() {
	"$HERE/clones" --clones 2 -- --driver virtio_rng --file "$SERVER" \
		"OPTIONS=
$BEFORE" "$AFTER" >"$OUT" 2>"$ERR"
}
check "2 clones of a host without a sign of forks" without_signs
check "both give their clients the bytes that were at hand" holds "egd == 1"

done_testing
