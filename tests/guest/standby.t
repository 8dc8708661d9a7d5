#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd without any settings, in a guest with nobody behind /dev/hwrng: the kernel's jitter
# generator stands in for it, until the device is there.
. "$(dirname "$0")/tap.sh"

# shellcheck disable=SC2016
readonly STAND_IN='
mkdir -p /var/run /run
modprobe algif_rng && modprobe sha3_generic && modprobe jitterentropy_rng || exit
rngd -f -x rdrand --feed-interval=1 2>/tmp/log & pid=$!
state_is() {
	rngctl sources | grep -q "^$1 .* $2 "
}
until_true grep -q "credited with" /tmp/log
state_is jitter flows && echo "stands_in=1"
rngctl sources >&2
modprobe virtio_rng
until_true grep -q "gives blocks again: jitter.* stands by" /tmp/log
state_is file:/dev/hwrng flows && state_is jitter standby && echo "takes_over=1"
rngctl sources >&2
kill -TERM $pid
wait $pid && echo "status=0"
cat /tmp/log >&2
'

took_turns() {
	prints stands_in 1 && prints takes_over 1 && prints status 0
}

needs debian
check "a guest with a device whose driver is loaded later" in_guest --kernel debian \
	--device builtin --driver none -- "$UNTIL$STAND_IN"
check "jitter stands in for /dev/hwrng until that gives blocks" took_turns
done_testing
