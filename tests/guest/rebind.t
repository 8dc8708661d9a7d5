#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The device comes and goes while it is in use.
. "$(dirname "$0")/tap.sh"

# Readers that outlive the device: each read ends, by data or by an error, and
# they go on until told. What they got, in blocks, is left in /tmp/readN.
# shellcheck disable=SC2016 # expanded in the guest
readonly READERS='
set -e
reader() {
	while [ ! -e /tmp/stop ]; do
		if dd if=/dev/hwrng of=/tmp/block$1 bs=4096 count=1 \
			iflag=fullblock 2>/dev/null; then
			echo >>/tmp/read$1
		fi
	done
}
driver=/sys/bus/virtio/drivers/vrng
device=$(basename "$(echo $driver/virtio*)")
reader 1 & first=$!
reader 2 & second=$!
'

# shellcheck disable=SC2016
readonly READERS_END='
before=$(cat /tmp/read1 /tmp/read2 | wc -l)
tries=0
while [ "$(cat /tmp/read1 /tmp/read2 | wc -l)" -lt $((before + 4)) ]; do
	tries=$((tries + 1))
	[ $tries -lt 300 ] || { echo "the readers stand still"; exit 1; }
	sleep 0.1
done
touch /tmp/stop
wait $first $second
echo "current=$(cat /sys/class/misc/hw_random/rng_current)"
echo "blocks=$(cat /tmp/read1 /tmp/read2 | wc -l)"
'

serves_again() {
	holds "$(value blocks) >= 4" && [ "$(value current)" = virtio ]
}

# The hwrng core of 5.10 may stop a thread that never ran, and then wait for it
# for ever or use it after it is freed, whatever the driver: the in-tree one
# hangs within ten of these rounds too.
unbinding_is_safe() {
	[ "$1" != debian-5.10 ]
}

for kernel in ${KERNELS:-debian uml}; do
	if ! unbinding_is_safe "$kernel"; then
		ok "$kernel: 100 unbind and bind rounds under two readers" \
			"# SKIP this kernel's hwrng core hangs, with any driver"
		ok "$kernel: 10 module loads and unloads under two readers" \
			"# SKIP for the same reason"
		continue
	fi
	# shellcheck disable=SC2016
	check "$kernel: 100 unbind and bind rounds under two readers" \
		in_guest --kernel "$kernel" --device vhost-user -- "$READERS"'
		round=0
		while [ $round -lt 100 ]; do
			echo $device >$driver/unbind
			echo $device >$driver/bind
			round=$((round + 1))
		done'"$READERS_END"
	check "$kernel: the device serves again" \
		serves_again

	# shellcheck disable=SC2016
	check "$kernel: 10 module loads and unloads under two readers" \
		in_guest --kernel "$kernel" --device vhost-user -- "$READERS"'
		round=0
		while [ $round -lt 10 ]; do
			rmmod vrng
			insmod "$(find /lib/modules -name vrng.ko)"
			round=$((round + 1))
		done'"$READERS_END"
done

done_testing
