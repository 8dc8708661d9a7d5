# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # used by scripts that source it
# Sourced after figures.sh by benches of devices in a guest. The guest has two
# devices, ours first, which are read by turns in one boot.

# with_two OPTION... -- COMMAND: runs COMMAND in a guest, with output to
# $WORK/out. With $TWO in it, `speed DRIVER NAME 1|2 BYTES` reads a device and
# prints NAME=MB/s.
with_two() {
	"$TOP/tests/guest/guest" --timeout 200 --device vhost-user \
		--file "$BUILD/tests/guest/rate" \
		--file "$BUILD/tests/bench/flow" --driver none "$@" \
		>"$WORK/out" 2>"$WORK/err" </dev/null || {
		tail -n 20 "$WORK/out" "$WORK/err" >&2
		die "a guest failed"
	}
}

# Shell functions for the guest. Drivers number devices in the order of slots.
# shellcheck disable=SC2016
readonly TWO='
set -e
vrng=$(find /lib/modules -name vrng.ko)
virtio_rng=$(find /lib/modules -name "virtio-rng.ko*")
use() {
	rmmod vrng 2>/dev/null || rmmod virtio_rng 2>/dev/null || true
	insmod "$(eval echo \$$1)"
}
# take DRIVER 1|2: makes /dev/hwrng read that device.
take() {
	case $1$2 in
	vrng1) name=virtio ;;
	vrng2) name=virtio.1 ;;
	virtio_rng1) name=virtio_rng.0 ;;
	virtio_rng2) name=virtio_rng.1 ;;
	esac
	echo $name >/sys/class/misc/hw_random/rng_current
}
speed() {
	take $1 $3
	echo "$2=$(rate /dev/hwrng $4 65536 | sed "s/.* \([0-9.]*\) MB.*/\1/")"
}
'
