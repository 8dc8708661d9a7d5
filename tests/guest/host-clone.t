#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host that is a clone itself: egd-server and vhost-user-rng run in a guest, with bytes
# at hand, when a snapshot is taken. The first answers of each clone are other ones.
#
# CLONES=N guests (3).
. "$(dirname "$0")/tap.sh"

readonly N=${CLONES:-3}
readonly PROGRAMS=(--file "$BUILD/tests/device/egd-server"
	--file "$BUILD/tests/device/vhost-user-rng"
	--file "$BUILD/tests/guest/front_bytes")

# A client and a front end that were there before. Each got 16 bytes and gets 16 in each
# clone.
# shellcheck disable=SC2016 # expanded in the guest
readonly ASK='
ask() {
	printf "\002\020" >&3
	until [ "$(wc -c <got)" -ge $((16 * $1)) ]; do sleep 0.01; done
	echo >&4
	until [ "$(wc -l <front)" -ge "$1" ]; do sleep 0.01; done
}'
# shellcheck disable=SC2016
readonly BEFORE='set -e
ifconfig lo up
egd-server --listen=tcp:8888 2>log &
vhost-user-rng --socket-path=/socket 2>device-log &
until grep -q listening log && grep -q listening device-log; do sleep 0.05; done
mkfifo asked wanted
nc 127.0.0.1 8888 <asked >got &
front_bytes /socket <wanted >front &
exec 3>asked 4>wanted'"$ASK"'
ask 1'
# shellcheck disable=SC2016
readonly AFTER='ask 2
cat log device-log >&2
echo "egd=$(tail -c 16 got | xxd -p)"
echo "vhost=$(tail -n 1 front)"'

# clone_host N GUEST-OPTION...
clone_host() {
	"$HERE/clones" --clones "$1" -- "${@:2}" "${PROGRAMS[@]}" \
		"$BEFORE" "$AFTER" >"$OUT" 2>"$ERR"
}

needs debian
check "$N clones of a host with egd-server and vhost-user-rng" clone_host "$N"
check "egd-server: each gives its client other bytes" \
	holds "egd == $N" "clones == $N"
check "vhost-user-rng: each gives its guest other bytes" holds "vhost == $N"
# Without vrng.ko and without rngd nothing shows the fork to them.
check "2 clones of a host without a sign of forks" \
	clone_host 2 --driver virtio_rng
check "egd-server: both give the bytes that were at hand" holds "egd == 1"
check "vhost-user-rng: both give the bytes that were at hand" holds "vhost == 1"

done_testing
