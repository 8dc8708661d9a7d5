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
	[ "$(value available)" = virtio ] && [ "$(value current)" = virtio ]
}

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
check "rng_current says none then" [ "$(value current)" = none ]

# The page has /dev/hwrng here; any file is opened the same way.
head -c 4194304 /dev/urandom >"$WORK/entropy"
check "rng-random with a file: the guest reads that file's bytes" \
	in_page_guest "-object rng-random,filename=$WORK/entropy,id=rng0 \
	-device virtio-rng-pci,rng=rng0" --file "$WORK/entropy:/entropy" -- \
	"streamcheck /dev/hwrng file:/entropy 65536 64 4096"

check "max-bytes=1024,period=1000: a reader for 12 s" \
	in_page_guest "-device virtio-rng-pci,max-bytes=1024,period=1000" -- \
	"pace /dev/hwrng 12"
check "gets 1 KB/s within 10 % (got $(value pace))" \
	holds "$(value pace) >= 922" "$(value pace) <= 1126"

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

wait_for_line() {
	local tries=0
	until grep -q "$1" "$OUT"; do
		tries=$((tries + 1))
		[ $tries -lt 2400 ] || return 1
		sleep 0.1
	done
}

# held_only_while_up NAME OPTION...: a guest that draws on $WORK/entropy.
held_only_while_up() {
	local name=$1 guest up=
	shift
	check "$name: nobody has the source open before" \
		[ -z "$(holders "$WORK/entropy")" ]
	: >"$OUT" # the last guest was up, too
	"$HERE/guest" "$@" -- "dd if=/dev/hwrng of=/dev/null bs=64 count=1 \
		2>/dev/null && echo up; sleep 600" >"$OUT" 2>"$ERR" </dev/null &
	guest=$!
	wait_for_line up && up=$(holders "$WORK/entropy")
	check "$name: $up has it open while the guest runs" [ -n "$up" ]
	kill "$guest"
	wait "$guest"
	check "$name: nobody has it open after" \
		[ -z "$(holders "$WORK/entropy")" ]
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

check "with the device, untrusted CPU: the guest comes up" crng_guest builtin
with=$(value crng)
check "and its crng is ready by itself (at ${with:-?} s)" [ -n "$with" ]
check "without: the guest comes up" crng_guest none
without=$(value crng)
check "and its crng is not yet ready at $(value now) s" [ -z "$without" ]

done_testing
