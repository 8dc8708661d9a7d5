#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host that errs in every way that vhost-user-rng's --fault knows: the guest's
# readers get good bytes again or wait within bounds, the counters say what
# happened, the kernel finds nothing wrong, and the module can be unloaded.
#
# All the faults are in one guest, a device each, and are tried one after the
# other. The first device is a good one.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/lib/devices.sh"

readonly BYTES=65536

# A line each: name, seconds to read for at most (BYTES end it), faults. The name is
# that of the kind.
#
# A wrong id takes a descriptor that nobody waits for. With a ring of four that is not
# so at each request, so that any request from the third on will do.
readonly CASES='
good      60
short     60 short:len=16,every=3
zero      60 zero:after=10,count=30
overlong  60 overlong:every=3
huge      60 huge:every=3
wrong-id  60 wrong-id:after=3,count=3
repeat-id 60 repeat-id:after=10,every=20,count=3
range-id  60 range-id:after=10,every=20,count=3
spurious  60 spurious:times=50
delay     60 delay:ms=1500,after=10,count=1
mix       60 mix:seed=1,every=4,count=50
stuck     60 stuck:byte=0x55,from=16384,to=32768
biased    60 biased:byte=7,from=16384,to=32768
silence    2 silence:after=10
drop       2 drop:after=10
'

# Said in the guest: each case's device is used, looked at and left.
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
n=0
while read -r name seconds fault; do
	[ "$name" ] || continue
	try $n $name $seconds
	n=$((n + 1))
done <<END
$CASES
END
try 0 good-again 60
began=$(now)
rmmod vrng || exit
echo "unload_ms=$(($(now) - began))"
'

# UML itself warns of a device that goes.
cases_for() {
	case $1 in
	uml*) grep -v '^drop' <<<"$CASES" ;;
	*) echo "$CASES" ;;
	esac
}

begin_devices() {
	local name fault
	while read -r name _ fault; do
		[ -z "$name" ] || device_begin "$name" ${fault:+--fault="$fault"}
	done < <(cases_for "$1")
}

# Did each fault come to pass? Bytes that are stuck are not counted.
has_struck() {
	[ "$1" = stuck ] || [ "$1" = biased ] ||
		grep -qE "fault: $1|fault on purpose" "$WORK/$1.log" || {
		echo "# $1: the device did not do it"
		return 1
	}
}

# CASE: all that was wanted came, is the host's, and none of it twice.
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

# Pieces of less than eight bytes are strange from seam to seam.
mixed() {
	has_struck mix && holds "mix.bytes == BYTES" \
		"mix.errors == 0" "mix.strange <= 32" \
		"mix.twice == 0" "mix.device_errors >= 1" \
		"mix.health_failures == 0"
}

waited() {
	no_error "$1" && holds "$1.longest_ms >= 1400"
}

# CASE BYTES: of the bad stream no more than BYTES passed before it failed.
was_withheld() {
	holds "$1.bytes == BYTES" "$1.errors == 0" \
		"$1.strange <= $2" "$1.twice <= $2" \
		"$1.health_failures >= 1" \
		"$1.device_errors == 0"
}

# What came before is good, nothing else came, and readers could be told to go.
fell_silent() {
	holds "$1.bytes < BYTES" "$1.bytes >= 64" \
		"$1.strange == 0" "$1.twice == 0"
}

# A busy machine may take seconds for what an idle one does at once; a device that is
# in the way holds it up for longer. KUnit has the bounds of each wait.
readonly IN_THE_WAY_MS=20000

# KERNEL: to no case's device does it take long to switch.
no_switch_waits() {
	local name
	while read -r name _; do
		[ -z "$name" ] || holds "$name.switch_ms <= $IN_THE_WAY_MS" || return
	done < <(cases_for "$1")
}

for kernel in ${KERNELS:-debian uml}; do
	needs "$kernel"
	begin_devices "$kernel"
	devices_for "$kernel"
	check "$kernel: a guest on ${#DEVICE_SOCKETS[@]} devices, most of them bad" \
		in_guest --kernel "$kernel" "${DEVICES[@]}" \
		--file "$BUILD/tests/guest/proofread" -- \
		"DRBG=$DRBG BYTES=$BYTES CASES='$(cases_for "$kernel")' $TRY"
	for name in short zero spurious; do
		check "$kernel: $name: good bytes, and no error" no_error $name
	done
	for name in overlong huge wrong-id repeat-id range-id; do
		check "$kernel: $name: good bytes again, errors counted" \
			error_counted $name
	done
	check "$kernel: mix: good bytes again, errors counted" mixed
	check "$kernel: delay: readers wait, and get what they waited for" \
		waited delay
	# 30 in a row may be chance; windows of 512 that begin with another byte
	# cannot tell.
	check "$kernel: stuck: withheld and taken up again" was_withheld stuck 30
	check "$kernel: biased: withheld and taken up again" \
		was_withheld biased 1536
	check "$kernel: silence: nothing, and no error" fell_silent silence
	name="$kernel: drop: nothing, and no error"
	case $kernel in
	uml*) ok "$name # SKIP UML itself warns of a device that goes" ;;
	*) check "$name" fell_silent drop ;;
	esac
	check "$kernel: no bad device is in the way of the next one" \
		no_switch_waits "$kernel"
	check "$kernel: and the good one is as good as before" is_good good-again
	check "$kernel: the module is unloaded" holds "unload_ms <= $IN_THE_WAY_MS"
	note unload_ms
	devices_end
done

done_testing
