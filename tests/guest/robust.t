#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The driver in use: devices are added and removed under readers, there are several at
# the same time, one is silent, and allocations fail.
#
# ROUNDS  bind and unbind rounds (50; the long run has 1000)
# PLUGS   hot-unplug and hot-plug rounds (10; the long run has 200)
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/lib/devices.sh"
. "$(dirname "$0")/lib/qmp.sh"
. "$(dirname "$0")/lib/readers.sh"

ROUNDS=${ROUNDS:-50}
PLUGS=${PLUGS:-10}
readonly LIMIT=$((120 + 2 * ROUNDS + 6 * PLUGS))

# Commands for the guest, before all others.
# shellcheck disable=SC2016 # expanded in there
readonly COMMON='
hw=/sys/class/misc/hw_random
driver=/sys/bus/virtio/drivers/vrng
now() {
	awk "{ printf \"%d\", \$1 * 1000 }" /proc/uptime
}
'

# ---- bind and unbind ----

# shellcheck disable=SC2016
readonly REBIND='
writer() {
	while [ ! -e /tmp/stop ]; do
		for name in virtio.1 virtio ""; do
			echo $name >$hw/rng_current
		done
		sleep 0.01
	done 2>/dev/null
}
readers_begin 4
writer & pids="$pids $!"
round=0
while [ $round -lt $ROUNDS ]; do
	echo virtio0 >$driver/unbind || exit
	echo virtio0 >$driver/bind || exit
	round=$((round + 1))
done
readers_end
echo "available=$(cat $hw/rng_available | tr " " ,)"
'

both_are_listed() {
	case $(value available) in
	virtio,virtio.1,* | virtio.1,virtio,*) ;;
	*) return 1 ;;
	esac
}

bind_and_unbind() {
	local kernel=$1
	device_begin first
	device_begin second
	devices_for "$kernel"
	check "$kernel: $ROUNDS unbind and bind rounds, four readers, a switch" \
		in_guest --timeout "$LIMIT" --kernel "$kernel" "${DEVICES[@]}" \
		-- "ROUNDS=$ROUNDS $COMMON $READERS $REBIND"
	check "$kernel: both devices are listed afterwards" both_are_listed
	devices_end
}

# ---- eight devices, one of them silent ----

# shellcheck disable=SC2016
readonly EIGHT='
use() {
	began=$(now)
	echo $1 >$hw/rng_current || exit
	echo "$2=$(($(now) - began))"
}
sleeps() {
	grep -q "^State:.*S" /proc/$1/status
}
hold() {
	dd if=/dev/hwrng of=/dev/null bs=64 count=1 2>/dev/null &
	held=$!
	until_true sleeps $held || exit
}
echo "available=$(cat $hw/rng_available | tr " " ,)"
for n in "" .1 .2 .3 .4 .5 .6; do
	use virtio$n "switch"
	echo "device$n $(proofread /dev/hwrng $DRBG 65536 $HANG_SECONDS)"
done

use virtio.7 to_silent_ms
for word in $(proofread -n /dev/hwrng $DRBG 64 10); do
	echo "nonblock.$word"
done

hold; first=$held
hold; second=$held
began=$(now)
kill $second; wait $second
kill $first; wait $first
echo "kill_ms=$(($(now) - began))"

hold
use virtio.1 to_good_ms
for word in $(proofread /dev/hwrng $DRBG 1024 $HANG_SECONDS); do
	echo "good.$word"
done
wait $held && echo "held=served"

use virtio.7 back_to_silent_ms
hold
began=$(now)
rmmod vrng || exit
echo "unload_ms=$(($(now) - began))"
wait $held # it ends with bytes of another device, or because there is none
'

all_listed() {
	[ "$(value available | tr , '\n' | sort | tr '\n' ' ')" = \
		" virtio virtio.1 virtio.2 virtio.3 virtio.4 virtio.5 virtio.6 virtio.7 " ]
}

seven_are_good() {
	[ "$(grep -c '^device.* bytes=65536 .*errors=0 .*strange=0 twice=0' \
		"$OUT")" = 7 ]
}

# A read that waited would not end with EAGAIN. Non-blocking reads may queue behind a
# blocking one, since the core takes its mutex for both.
says_again() {
	holds "nonblock.bytes == 0" "nonblock.again >= 1" \
		"nonblock.errors == 0"
}

# Each of these ends at once, or after a bounded wait of the driver, which KUnit checks.
# Only a hang takes a minute.
good_one_serves() {
	holds "to_good_ms <= HANG_MS" "good.bytes == 1024" \
		"good.strange == 0" && prints held served
}

eight_devices() {
	local kernel=$1 n
	for n in 0 1 2 3 4 5 6; do
		device_begin "device$n"
	done
	device_begin silent --fault=silence
	devices_for "$kernel"
	check "$kernel: a guest on eight devices, one of them silent" \
		in_guest --kernel "$kernel" "${DEVICES[@]}" \
		--file "$BUILD/tests/guest/proofread" -- \
		"DRBG=$DRBG HANG_SECONDS=$HANG_SECONDS $COMMON $READERS $EIGHT"
	check "$kernel: all eight are listed" all_listed
	check "$kernel: each of the seven serves its own stream" seven_are_good
	check "$kernel: silent: a non-blocking read does not wait" says_again
	check "$kernel: silent: waiting readers can be killed" \
		holds "kill_ms <= HANG_MS"
	check "$kernel: silent: a good device serves, and the waiting reader, too" \
		good_one_serves
	check "$kernel: silent: the module unloads" holds "unload_ms <= HANG_MS"
	note nonblock.longest_ms kill_ms to_good_ms good.longest_ms unload_ms
	devices_end
}

# ---- hot-plug ----

# Prints "up" each time that a device serves after there was none; the host then goes on.
# A third device ends the loop.
# shellcheck disable=SC2016
readonly PLUG='
has() {
	grep -q "$1" $hw/rng_available
}
has_none() {
	! has virtio
}
readers_begin 4
while :; do
	until_true has virtio || exit
	before=$(blocks)
	until_true read_on || exit
	echo up
	until_true has_none_or_three || exit
	! has "virtio\.2" || break
done
readers_end
'

# shellcheck disable=SC2016
readonly PLUG_FUNCTIONS='
read_on() {
	[ "$(blocks)" -gt "$before" ]
}
has_none_or_three() {
	has "virtio\.2" || has_none
}
'

# until_up COUNT: waits until the guest has printed "up" that often.
until_up() {
	soon "$HANG_SECONDS" up_or_ended "$1" && is_up "$1" && return
	echo "# the guest was not up for the ${1}th time"
	return 1
}

is_up() {
	[ "$(grep -c '^up' "$OUT")" -ge "$1" ]
}

up_or_ended() {
	is_up "$1" || is_gone "$GUEST"
}

plug_rounds() {
	local round=1
	until_up 1 || return
	while [ $round -le "$PLUGS" ]; do
		qmp device_del '"id": "plug"' && qmp_wait DEVICE_DELETED &&
			qmp device_add '"driver": "virtio-rng-pci", "id": "plug"' ||
			return
		round=$((round + 1))
		until_up $round || return
	done
	qmp device_add '"driver": "virtio-rng-pci", "id": "last"' &&
		qmp device_add '"driver": "virtio-rng-pci", "id": "very-last"'
}

hot_plug() {
	local kernel=$1
	: >"$OUT"
	qmp_open
	if needs "$kernel"; then
		"$HERE/guest" --timeout "$LIMIT" --kernel "$kernel" \
			--device none --qemu-arg=-device \
			--qemu-arg=virtio-rng-pci,id=plug "${QMP[@]}" -- \
			"$COMMON $READERS $PLUG_FUNCTIONS $PLUG" \
			>"$OUT" 2>"$ERR" </dev/null &
		GUEST=$!
	fi
	check "$kernel: $PLUGS hot-unplugs and hot-plugs under four readers" \
		plug_rounds || kill "$GUEST" 2>/dev/null
	check "$kernel: all readers have read on" wait "$GUEST"
	qmp_close
}

# ---- no memory ----

# While a device is bound, makes one allocation fail: the first, the second and so on,
# until all have failed once. Only the sizes that the driver and the ring use fail:
# UML's own interrupts do not survive a failed allocation.
# shellcheck disable=SC2016
readonly FAILSLAB='
cd /sys/kernel/debug/failslab || exit
echo Y >cache-filter
echo N >ignore-gfp-wait
echo 0 >verbose
echo virtio0 >$driver/unbind || exit
n=0
failed=0
left=0
while [ $left = 0 ]; do
	n=$((n + 1))
	left=$(sh -c "echo $n >/proc/self/fail-nth
		echo virtio0 >$driver/bind
		read -r left </proc/self/fail-nth
		echo 0 >/proc/self/fail-nth
		echo \$left" 2>/dev/null)
	if [ -e $driver/virtio0 ]; then
		echo virtio0 >$driver/unbind || exit
	else
		failed=$((failed + 1))
	fi
	[ $n -lt 2000 ] || exit
done
echo "allocations=$((n - 1)) failed=$failed"
echo virtio0 >$driver/bind || exit
for word in $(proofread /dev/hwrng $DRBG 65536 $HANG_SECONDS); do
	echo "after.$word"
done
# Buffers for a reader that reads on have these sizes, too. The shell reads by itself,
# because no program starts while they fail.
echo virtio0 >$driver/unbind && echo virtio0 >$driver/bind || exit
n=0
exec 3</dev/hwrng
echo -1 >times
echo 100 >probability
while [ $n -lt 1000 ] && read -r -n 64 line <&3; do n=$((n + 1)); done
echo 0 >probability
exec 3<&-
echo "short.reads=$n"
echo "short.window=$(cat $driver/virtio0/vrng/readahead)"
rmmod vrng
'

no_memory() {
	local kernel=$1
	device_begin device
	devices_for "$kernel"
	check "$kernel: each allocation of a device's start fails once" \
		in_guest --kernel "$kernel" "${DEVICES[@]}" --leaks \
		--append slub_debug=A,kmalloc-1k,kmalloc-4k \
		--file "$BUILD/tests/guest/proofread" -- \
		"DRBG=$DRBG HANG_SECONDS=$HANG_SECONDS $COMMON $FAILSLAB"
	check "$kernel: one of them prevents the start" holds "failed >= 1"
	note failed allocations
	check "$kernel: the device serves when allocations succeed again" \
		holds "after.bytes == 65536" \
		"after.strange == 0"
	check "$kernel: without memory for larger buffers a reader is served from one" \
		holds "short.reads == 1000" "short.window <= 64"
	devices_end
}

for kernel in ${KERNELS:-debian uml}; do
	needs "$kernel"
	bind_and_unbind "$kernel"
	eight_devices "$kernel"
	case $kernel in
	uml*) no_memory "$kernel" ;;
	*) hot_plug "$kernel" ;;
	esac
done

done_testing
