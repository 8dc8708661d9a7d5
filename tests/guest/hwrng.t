#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the hwrng core and its readers see of the driver: its name, what it claims, and
# what it does at rest.
. "$(dirname "$0")/tap.sh"

# The guest's clock runs on by itself while the guest sleeps.
readonly FAST=(--accel tcg --qemu-arg=-icount "--qemu-arg=shift=0,sleep=off"
	--qemu-arg=-device "--qemu-arg=vmgenid,guid=auto")

# shellcheck disable=SC2016 # expanded in the guest
readonly TELL='
hwrng=/sys/class/misc/hw_random
echo "current=$(cat $hwrng/rng_current)"
echo "quality=$(cat $hwrng/rng_quality)"
echo "parameter=$(cat /sys/module/vrng/parameters/quality)"
'

# tells OPTION... -- NAME QUALITY
tells() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	in_guest "${options[@]}" -- "$TELL" && prints current "$2" &&
		holds "quality == $3" "parameter == $3"
}

# A range is refused with a line that names it.
refuses() {
	# shellcheck disable=SC2016
	in_guest --driver none -- '
		! insmod "$(find /lib/modules -name vrng.ko)" quality=1025 || exit
		dmesg | grep -q "quality=1025 is out of range: 0 to 1024"'
}

# shellcheck disable=SC2016
reads_now_and_then() {
	in_guest "${FAST[@]}" -- '
		cd /sys/bus/virtio/drivers/vrng/virtio*/vrng
		dd if=/dev/hwrng of=/dev/null bs=32 count=1 2>/dev/null
		sleep 5
		lost=$(cat bytes_discarded)
		turn=0
		while [ $turn -lt 20 ]; do
			dd if=/dev/hwrng of=/dev/null bs=32 count=1 2>/dev/null
			sleep 1
			turn=$((turn + 1))
		done
		echo "lost=$(($(cat bytes_discarded) - lost))"' &&
		holds "lost == 0"
}

# The core reads now and then, too. Each of its reads makes the device interrupt, and
# that is all: as many runs of the driver's work as requests, at most.
# shellcheck disable=SC2016
rests() {
	in_guest "${FAST[@]}" -- '
		head -c 1000000 /dev/hwrng >/dev/null
		sleep 5
		cd /sys/kernel/tracing
		echo 1 >events/vrng/vrng_buffer/enable
		echo 1 >events/workqueue/workqueue_execute_start/enable
		echo 1 >tracing_on
		sleep 60
		echo 0 >tracing_on
		echo "requests=$(grep -c "vrng_buffer: .* request" trace)"
		echo "works=$(grep -c "workqueue_execute_start: .*\[vrng\]" trace)"
		echo "all=$(grep -c "workqueue_execute_start: " trace)"' &&
		holds "works <= requests" "all > 0"
}

needs debian
check "the device claims full quality, and is the current one" \
	tells -- virtio 1024
check "without health tests it claims half" \
	tells --driver-param health=0 -- virtio 512
check "what the administrator gives is claimed" \
	tells --driver-param quality=700 -- virtio 700
check "with in_tree_names it has the in-tree driver's name" \
	tells --driver-param in_tree_names=1 -- virtio_rng.0 1024
check "a quality that is none is refused" refuses
check "20 short reads, a second apart, drop no byte" \
	reads_now_and_then
check "in 60 s of rest the driver works only when the core reads" rests
note requests works all

done_testing
