#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# QEMU's page on virtio-rng (wiki.qemu.org/Features/VirtIORNG) as a test: its
# command lines as they stand there, and what it says one should then see.
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

# The core ends each name in rng_available with a space of its own.
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

check "no device: /dev/hwrng gives nothing, and says so" \
	in_page_guest "" -- "$SHOW_NAMES
	! dd if=/dev/hwrng bs=64 count=1 of=/tmp/bytes 2>/tmp/words &&
	[ ! -s /tmp/bytes ] && grep -q 'No such device' /tmp/words"
check "rng_current says none then" prints current none

# The page has /dev/hwrng here; any file is opened the same way.
head -c 4194304 /dev/urandom >"$WORK/entropy"
check "rng-random with a file: the guest reads that file's bytes" \
	in_page_guest "-object rng-random,filename=$WORK/entropy,id=rng0 \
	-device virtio-rng-pci,rng=rng0" --file "$WORK/entropy:/entropy" -- \
	"streamcheck /dev/hwrng file:/entropy 65536 64 4096"

check "max-bytes=1024,period=1000: a reader for 12 s" \
	in_page_guest "-device virtio-rng-pci,max-bytes=1024,period=1000" -- \
	"pace /dev/hwrng 12"
check "gets 1 KB/s within 10 %" holds "pace >= 922" "pace <= 1126"
note pace

check "rngd -r /dev/hwrng becomes a daemon and feeds the pool" \
	in_page_guest "-device virtio-rng-pci" --driver-param quality=1 \
	--append random.trust_cpu=off --append random.trust_bootloader=off \
	--file "$BUILD/rngd/rngd" -- "
	mkdir -p /var/run
	rngd -r /dev/hwrng || exit
	tries=0
	until dmesg | grep -q 'crng init done'; do
		tries=\$((tries + 1))
		[ \$tries -lt 300 ] || exit 1
		sleep 0.1
	done
	kill \$(cat /var/run/rngd.pid)"

# What lsof would show: the processes that hold FILE open.
holders() {
	local file fd
	file=$(readlink -f "$1")
	for fd in /proc/[0-9]*/fd/*; do
		[ "$(readlink "$fd" 2>/dev/null)" = "$file" ] || continue
		cat "$(dirname "$(dirname "$fd")")/comm"
	done | sort -u
}

# said_by PID TEXT: that guest prints it, before it ends.
said_by() {
	local tries=0
	until grep -q "$2" "$OUT"; do
		tries=$((tries + 1))
		[ $tries -lt 2400 ] && kill -0 "$1" 2>/dev/null || return
		sleep 0.1
	done
}

nobody_holds_it() {
	[ -z "$(holders "$WORK/entropy")" ]
}

# held_by_guest OPTION...: a guest that draws on $WORK/entropy: HOLDERS are those
# that have it open while the guest is up.
held_by_guest() {
	local guest
	HOLDERS=
	: >"$OUT" # the last guest was up, too
	"$HERE/guest" "$@" -- "dd if=/dev/hwrng of=/dev/null bs=64 count=1 \
		2>/dev/null && echo up; sleep 600" >"$OUT" 2>"$ERR" </dev/null &
	guest=$!
	! said_by "$guest" up || HOLDERS=$(holders "$WORK/entropy")
	kill "$guest" 2>/dev/null
	wait "$guest"
	[ -n "$HOLDERS" ]
}

was_held_and_is_not() {
	[ -n "$HOLDERS" ] && nobody_holds_it
}

# held_only_while_up NAME OPTION...
held_only_while_up() {
	local name=$1
	shift
	needs
	check "$name: nobody has the source open before" nobody_holds_it
	needs debian
	check "$name: it is open while the guest runs" held_by_guest "$@" &&
		report_holders
	check "$name: nobody has it open after" was_held_and_is_not
}

report_holders() {
	[ -z "$HOLDERS" ] || echo "# by ${HOLDERS//$'\n'/, }"
}

held_only_while_up "rng-random" --device "random:$WORK/entropy"
held_only_while_up "vhost-user-rng" --device vhost-user \
	--source "file:$WORK/entropy"

# When does the kernel call its crng ready, with nobody else to trust?
# shellcheck disable=SC2016 # expanded in the guest
crng_guest() {
	in_guest --device "$1" --append random.trust_cpu=off \
		--append random.trust_bootloader=off -- '
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

check "with the device, untrusted CPU: the guest comes up" crng_guest builtin
check "and its crng is ready by itself" crng_is_ready
note crng
check "without: the guest comes up" crng_guest none
check "and its crng is not yet ready when asked" crng_is_not_ready

done_testing
