#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# QEMU's page on virtio-rng (wiki.qemu.org/Features/VirtIORNG) as a test: its command
# lines, unchanged, and the results that it describes.
. "$(dirname "$0")/tap.sh"

# in_page_guest "QEMU OPTIONS" [OPTION...] -- COMMAND
in_page_guest() {
	local word args=()
	for word in $1; do
		args+=("--qemu-arg=$word")
	done
	shift
	in_guest --device none "${args[@]}" "${TOOLS[@]}" "$@"
}

readonly HW_RANDOM=/sys/devices/virtual/misc/hw_random

# The core adds a space after each name in rng_available.
readonly SHOW_NAMES="
echo available=\$(cat $HW_RANDOM/rng_available)
echo current=\$(cat $HW_RANDOM/rng_current)
"

names_are_virtio() {
	prints available virtio && prints current virtio
}

needs debian
check "-device virtio-rng-pci: /dev/hwrng gives data" \
	in_page_guest "-device virtio-rng-pci" -- "set -e
	$SHOW_NAMES
	mkdir -p /var/run
	[ \$(dd if=/dev/hwrng bs=64 count=4 iflag=fullblock | wc -c) = 256 ]"
check "rng_available and rng_current say virtio" names_are_virtio

check "no device: /dev/hwrng gives no data and ENODEV" \
	in_page_guest "" -- "$SHOW_NAMES
	! dd if=/dev/hwrng bs=64 count=1 of=/tmp/bytes 2>/tmp/error &&
	[ ! -s /tmp/bytes ] && grep -q 'No such device' /tmp/error"
check "no device: rng_current says none" prints current none

# The page names /dev/hwrng. QEMU opens any file in the same way.
head -c 4194304 /dev/urandom >"$WORK/entropy"
check "rng-random with a file: the guest reads that file's bytes" \
	in_page_guest "-object rng-random,filename=$WORK/entropy,id=rng0 \
	-device virtio-rng-pci,rng=rng0" --file "$WORK/entropy:/entropy" -- \
	"streamcheck /dev/hwrng file:/entropy 65536 64 4096"

# A host that stalls gives fewer bytes in that time, so the measurement is repeated.
# shellcheck disable=SC2016 # expanded in the guest
readonly PACE='
for attempt in 1 2 3 4 5 6; do
	pace /dev/hwrng 12 >/tmp/pace || exit
	cat /tmp/pace
	rate=$(sed s/pace=// /tmp/pace)
	[ $rate -lt 922 ] || [ $rate -gt 1126 ] || break
done
'
check "max-bytes=1024,period=1000: a reader for 12 s" \
	in_page_guest "-device virtio-rng-pci,max-bytes=1024,period=1000" -- "$PACE"
check "max-bytes=1024,period=1000: it gets 1 KB/s within 10 %" \
	holds "pace >= 922" "pace <= 1126"
note pace

check "rngd -r /dev/hwrng becomes a daemon and feeds the pool" \
	in_page_guest "-device virtio-rng-pci" --driver-param quality=1 \
	--append random.trust_cpu=off --append random.trust_bootloader=off \
	--file "$BUILD/rngd/rngd" -- "
	$UNTIL
	mkdir -p /var/run
	rngd -r /dev/hwrng || exit
	is_ready() { dmesg | grep -q 'crng init done'; }
	until_true is_ready || exit
	kill \$(cat /var/run/rngd.pid)"

# holders FILE: prints the names of the processes that have it open, as lsof does.
holders() {
	local file fd
	file=$(readlink -f "$1")
	for fd in /proc/[0-9]*/fd/*; do
		[ "$(readlink "$fd" 2>/dev/null)" = "$file" ] || continue
		cat "$(dirname "$(dirname "$fd")")/comm"
	done | sort -u
}

is_up_or_ended() {
	grep -q up "$OUT" || is_gone "$1"
}

none_holds_it() {
	[ -z "$(holders "$WORK/entropy")" ]
}

# held_by_guest OPTION...: runs a guest whose source is $WORK/entropy. Sets HOLDERS to
# the processes that have it open while the guest is up.
held_by_guest() {
	local guest
	HOLDERS=
	: >"$OUT"
	"$HERE/guest" "$@" -- "dd if=/dev/hwrng of=/dev/null bs=64 count=1 \
		2>/dev/null && echo up; sleep 600" >"$OUT" 2>"$ERR" </dev/null &
	guest=$!
	soon $((4 * HANG_SECONDS)) is_up_or_ended "$guest"
	! grep -q up "$OUT" || HOLDERS=$(holders "$WORK/entropy")
	kill "$guest" 2>/dev/null
	wait "$guest"
	[ -n "$HOLDERS" ]
}

was_held_and_is_not() {
	[ -n "$HOLDERS" ] && none_holds_it
}

# held_only_while_up NAME OPTION...
held_only_while_up() {
	local name=$1
	shift
	needs
	check "$name: no process has the source open before" none_holds_it
	needs debian
	check "$name: it is open while the guest runs" held_by_guest "$@" &&
		report_holders
	check "$name: no process has it open after" was_held_and_is_not
}

report_holders() {
	[ -z "$HOLDERS" ] || echo "# by ${HOLDERS//$'\n'/, }"
}

held_only_while_up "rng-random" --device "random:$WORK/entropy"
held_only_while_up "vhost-user-rng" --device vhost-user \
	--source "file:$WORK/entropy"

# crng_guest DEVICE [COMMAND]: prints the uptime, and the time at which the crng became
# ready, if it did, without trust in the CPU or the boot loader.
# shellcheck disable=SC2016 # expanded in the guest
crng_guest() {
	in_guest --device "$1" --append random.trust_cpu=off \
		--append random.trust_bootloader=off -- "$UNTIL"'
	is_ready() { dmesg | grep -q "crng init done"; }
	'"${2-}"'
	echo now=$(cut -d" " -f1 /proc/uptime)
	dmesg | sed -n "s/^\[ *\([0-9.]*\)\] random: crng init done/crng=\1/p"
	'
}

crng_is_ready() {
	[ -n "$(value crng)" ]
}

crng_is_not_ready() {
	[ -n "$(value now)" ] && [ -z "$(value crng)" ]
}

check "untrusted CPU, with the device: the guest boots" \
	crng_guest builtin "until_true is_ready"
check "untrusted CPU, with the device: the crng becomes ready" crng_is_ready
note crng
check "untrusted CPU, no device: the guest boots" crng_guest none
check "untrusted CPU, no device: the crng is not ready yet" crng_is_not_ready

done_testing
