#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host device with each of the faults of vhost-user-rng's --fault: the guest's readers
# get good bytes again or wait for a bounded time, the counters tell what happened, the
# kernel reports nothing, and the module can be unloaded.
#
# All faults are in one guest, a device each, and are tried one after the other. The
# first device is a good one.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/lib/devices.sh"

readonly BYTES=65536

# A line each: name, faults. The name is the kind of the fault.
#
# A wrong id needs a descriptor that is not in use. With a ring of four there is none at
# some requests, so the fault may come at any request from the third on.
readonly CASES='
good
short     short:len=16,every=3
zero      zero:after=10,count=30
overlong  overlong:every=3
huge      huge:every=3
wrong-id  wrong-id:after=3,count=3
repeat-id repeat-id:after=10,every=20,count=3
range-id  range-id:after=10,every=20,count=3
spurious  spurious:times=50
delay     delay:ms=1500,after=10,count=1
mix       mix:seed=1,every=4,count=50
stuck     stuck:byte=0x55,from=16384,to=32768
biased    biased:byte=7,from=16384,to=32768
silence   silence:after=10
drop      drop:after=10
'

# Seconds to read from a device that gives fewer than BYTES. The first bytes are held
# by the driver already.
readonly READ_SILENT=5

# Commands for the guest: read from each case's device in turn.
# shellcheck disable=SC2016 # expanded in there
readonly TRY='
hw=/sys/class/misc/hw_random
now() {
	awk "{ printf \"%d\", \$1 * 1000 }" /proc/uptime
}
try() {
	name=virtio${1#0}
	[ $1 = 0 ] || name=virtio.$1
	began=$(now)
	echo $name >$hw/rng_current
	echo "$2.switch_ms=$(($(now) - began))"
	for word in $(proofread /dev/hwrng $DRBG $BYTES $3); do
		echo "$2.$word"
	done
	for file in /sys/bus/virtio/devices/virtio$1/vrng/*; do
		[ ! -e $file ] || echo "$2.${file##*/}=$(cat $file)"
	done
}
seconds_for() {
	case $1 in
	silence | drop) echo $READ_SILENT ;;
	*) echo $HANG_SECONDS ;;
	esac
}
n=0
while read -r name fault; do
	[ "$name" ] || continue
	try $n $name $(seconds_for $name)
	n=$((n + 1))
done <<END
$CASES
END
try 0 good-again $HANG_SECONDS
began=$(now)
rmmod vrng || exit
echo "unload_ms=$(($(now) - began))"
'

# cases_for KERNEL: UML itself warns when a device disappears.
cases_for() {
	case $1 in
	uml*) grep -v '^drop' <<<"$CASES" ;;
	*) echo "$CASES" ;;
	esac
}

begin_devices() {
	local name fault
	while read -r name fault; do
		[ -z "$name" ] || device_begin "$name" ${fault:+--fault="$fault"}
	done < <(cases_for "$1")
}

# has_struck CASE: has the device made the fault? It does not log stuck bytes.
has_struck() {
	[ "$1" = stuck ] || [ "$1" = biased ] ||
		grep -qE "fault: $1|fault on purpose" "$WORK/$1.log" || {
		echo "# $1: the device did not do it"
		return 1
	}
}

# is_good CASE: all bytes arrived, all are of the host's stream, and none arrived twice.
is_good() {
	holds "$1.bytes == BYTES" "$1.errors == 0" \
		"$1.strange == 0" "$1.twice == 0"
}

no_error() {
	has_struck "$1" && is_good "$1" &&
		holds "$1.device_errors == 0"
}

error_counted() {
	has_struck "$1" && is_good "$1" &&
		holds "$1.device_errors >= 1" \
			"$1.health_failures == 0"
}

# proofread does not find pieces of less than eight bytes in the stream.
mixed() {
	has_struck mix && holds "mix.bytes == BYTES" \
		"mix.errors == 0" "mix.strange <= 32" \
		"mix.twice == 0" "mix.device_errors >= 1" \
		"mix.health_failures == 0"
}

# was_withheld CASE BYTES: at most BYTES of the bad stream passed before it failed.
was_withheld() {
	holds "$1.bytes == BYTES" "$1.errors == 0" \
		"$1.strange <= $2" "$1.twice <= $2" \
		"$1.health_failures >= 1" \
		"$1.device_errors == 0"
}

# fell_silent CASE: the bytes before are good, none came after, and a signal ended the
# read.
fell_silent() {
	holds "$1.bytes < BYTES" "$1.bytes >= 64" \
		"$1.strange == 0" "$1.twice == 0"
}

# no_switch_hangs KERNEL: KUnit checks the bound of each wait; here only a hang fails.
no_switch_hangs() {
	local name
	while read -r name _; do
		[ -z "$name" ] || holds "$name.switch_ms <= HANG_MS" || return
	done < <(cases_for "$1")
}

for kernel in ${KERNELS:-debian uml}; do
	needs "$kernel"
	begin_devices "$kernel"
	devices_for "$kernel"
	check "$kernel: a guest on ${#DEVICE_SOCKETS[@]} devices, most of them bad" \
		in_guest --kernel "$kernel" "${DEVICES[@]}" \
		--file "$BUILD/tests/guest/proofread" -- \
		"DRBG=$DRBG BYTES=$BYTES HANG_SECONDS=$HANG_SECONDS
		READ_SILENT=$READ_SILENT CASES='$(cases_for "$kernel")' $TRY"
	for name in short zero spurious; do
		check "$kernel: $name: good bytes, and no error" no_error $name
	done
	for name in overlong huge wrong-id repeat-id range-id; do
		check "$kernel: $name: good bytes again, errors counted" \
			error_counted $name
	done
	check "$kernel: mix: good bytes again, errors counted" mixed
	check "$kernel: delay: readers wait, and get what they waited for" \
		no_error delay
	note delay.longest_ms
	# The repetition test passes 30 equal bytes, and the proportion test does not
	# count in windows of 512 that begin with another byte.
	check "$kernel: stuck: withheld and taken up again" was_withheld stuck 30
	check "$kernel: biased: withheld and taken up again" \
		was_withheld biased 1536
	check "$kernel: silence: nothing, and no error" fell_silent silence
	name="$kernel: drop: nothing, and no error"
	case $kernel in
	uml*) ok "$name # SKIP UML itself warns of a device that goes" ;;
	*) check "$name" fell_silent drop ;;
	esac
	check "$kernel: no bad device blocks the switch to another" \
		no_switch_hangs "$kernel"
	check "$kernel: the good device is as good as before" is_good good-again
	check "$kernel: the module is unloaded" holds "unload_ms <= HANG_MS"
	note unload_ms
	devices_end
done

done_testing
