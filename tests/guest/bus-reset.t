#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bus resets the device (a function level reset) between reads. Newer kernels tell
# the driver; on older ones it finds that the device has lost its state. In both it drops
# what it held, and serves again.
. "$(dirname "$0")/tap.sh"

readonly BYTES=65536 ROUNDS=3

# A function level reset needs a device behind a port of PCI Express.
readonly DEVICE=(--device none --driver vrng --machine q35
	--qemu-arg=-device "--qemu-arg=pcie-root-port,id=port0"
	--qemu-arg=-device "--qemu-arg=virtio-rng-pci,bus=port0")

# Commands for the guest. A reset or an unbind is to find bytes that the driver holds. On
# a busy host they may arrive late, and those that nobody reads are dropped.
# shellcheck disable=SC2016 # expanded in there
readonly RESET="$UNTIL"'set -e
tracing=/sys/kernel/tracing
device=$(readlink -f /sys/bus/virtio/drivers/vrng/virtio*)
pci=${device%/*}
echo 1 >$tracing/events/vrng/enable
[ ! -e $pci/reset_method ] || echo flr >$pci/reset_method
read_all() {
	timeout $HANG_SECONDS head -c $BYTES /dev/hwrng | wc -c
}
value() {
	cat $device/vrng/$1
}
holds_bytes() {
	[ $(($(value bytes_received) - $(value bytes_read) - $(value bytes_discarded))) \
		-ge 64 ] || ! head -c 64 /dev/hwrng >/dev/null
}
echo before=$(read_all)
round=0
while [ $round -lt $ROUNDS ]; do
	until_true holds_bytes
	echo 1 >$pci/reset
	echo "after_$round=$(read_all)"
	round=$((round + 1))
done
echo resets=$(value device_resets)
until_true holds_bytes
echo ${device##*/} >/sys/bus/virtio/drivers/vrng/unbind
echo dropped=$(sed -n "s/.*discard.* bytes=\([0-9]*\) .*/\1/p" $tracing/trace | sort -n |
	tail -n 1)
rmmod vrng
'

serves_again() {
	holds "before == $BYTES" "after_0 == $BYTES" "after_1 == $BYTES" \
		"after_2 == $BYTES"
}

for kernel in ${KERNELS:-debian}; do
	[[ $kernel != uml* ]] || continue
	needs "$kernel"
	check "$kernel: $ROUNDS resets of the bus" in_guest --kernel "$kernel" \
		"${DEVICE[@]}" -- \
		"BYTES=$BYTES ROUNDS=$ROUNDS HANG_SECONDS=$HANG_SECONDS $RESET"
	check "$kernel: all bytes are read before and after each" serves_again
	note resets
	check "$kernel: the trace tells how many bytes were dropped" holds "dropped >= 64"
	note dropped
done

done_testing
