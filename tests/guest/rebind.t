#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The device is unbound and bound, and the module unloaded and loaded, while in use.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/lib/readers.sh"

# shellcheck disable=SC2016 # expanded in the guest
readonly BEGIN="set -e $READERS"'
driver=/sys/bus/virtio/drivers/vrng
device=$(basename "$(echo $driver/virtio*)")
readers_begin 2
'

# shellcheck disable=SC2016
readonly END='
readers_end
echo "current=$(cat /sys/class/misc/hw_random/rng_current)"
'

serves_again() {
	holds "blocks >= 4" && prints current virtio
}

for kernel in ${KERNELS:-debian uml}; do
	needs "$kernel"
	# shellcheck disable=SC2016
	check "$kernel: 100 unbind and bind rounds under two readers" \
		in_guest --kernel "$kernel" --device vhost-user -- "$BEGIN"'
		round=0
		while [ $round -lt 100 ]; do
			await_core || exit
			echo $device >$driver/unbind
			echo $device >$driver/bind
			round=$((round + 1))
		done'"$END"
	check "$kernel: the device serves again" \
		serves_again

	# shellcheck disable=SC2016
	check "$kernel: 10 module loads and unloads under two readers" \
		in_guest --kernel "$kernel" --device vhost-user -- "$BEGIN"'
		round=0
		while [ $round -lt 10 ]; do
			await_core || exit
			rmmod vrng
			insmod "$(find /lib/modules -name vrng.ko)"
			round=$((round + 1))
		done'"$END"
done

done_testing
