#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's jitterentropy as the source of the host's programs. Not every host's
# kernel has it. Debian's does, so a guest plays the host, too.
#
# NESTED=KERNEL (uml, in the long run): that guest has a guest of its own, a UML kernel
# that reads from the device. That takes a minute under emulation.
. "$(dirname "$0")/tap.sh"

readonly PROGRAM=$BUILD/tests/device/vhost-user-rng
readonly NESTED=${NESTED:-}

# ------------------------------------------------------------- this host itself

# Sets REFUSAL where the device refuses the source.
host_has_jitter() {
	local device status=1
	: >"$WORK/host.log"
	"$PROGRAM" --socket-path="$WORK/host.sock" --source=jitter \
		</dev/null >"$WORK/host.log" 2>&1 &
	device=$!
	soon "$HANG_SECONDS" listens_or_ended "$device"
	! grep -q listening "$WORK/host.log" || status=0
	kill "$device" 2>/dev/null
	wait "$device"
	REFUSAL=$(sed 's/^vhost-user-rng: //' "$WORK/host.log")
	return $status
}

listens_or_ended() {
	grep -q listening "$WORK/host.log" || is_gone "$1"
}

# Commands for a guest: count the different rows of 16 bytes.
# shellcheck disable=SC2016 # expanded in the guest
readonly READ='set -e
dd if=/dev/hwrng of=/tmp/bytes bs=64 count=4 iflag=fullblock 2>/dev/null
echo "rows=$(od -An -v -tx1 /tmp/bytes | sort -u | wc -l)"
'

if host_has_jitter; then
	needs debian
	check "a guest reads bytes of this host's jitter source" in_guest \
		--device vhost-user --source jitter -- "$READ"
	check "no 16 bytes of them came twice" prints rows 16
else
	ok "a guest reads bytes of this host's jitter source # SKIP $REFUSAL"
fi

# -------------------------------------------------- a host that is a guest here

# Commands for the guest that plays the host.
# shellcheck disable=SC2016 # expanded in there
readonly COMMON=$UNTIL'
modprobe algif_rng && modprobe sha3_generic && modprobe jitterentropy_rng || exit
device_begin() {
	vhost-user-rng --socket-path=/run/rng --source=jitter \
		--stats=/tmp/stats & device=$!
	until_true [ -S /run/rng ] || exit
}
device_end() {
	kill $device
	wait $device || exit
	sed -n "s/^vrng_device_bytes_total.* /served=/p" /tmp/stats
}
'

# rngd's reading process runs as another user, so the server's socket is open to all.
# shellcheck disable=SC2016
readonly SERVE='
device_begin
front_rate /run/rng 65536 2000 || exit
device_end

egd-server --listen=unix:/run/egd --mode=0666 --source=jitter & server=$!
until_true [ -S /run/egd ] || exit
rngd -f --source=egd:unix:/run/egd -o /tmp/bytes >/tmp/log 2>&1 & rngd=$!
has_block() {
	[ "$(wc -c </tmp/bytes)" -ge 2500 ]
}
until_true has_block || { cat /tmp/log; exit 1; }
kill $rngd $server
wait $rngd && wait $server || exit
sed -n "s/^rngd: stats: FIPS 140-2 successes: /fips_successes=/p" /tmp/log
sed -n "s/^rngd: stats: SP 800-90B failures: /health_failures=/p" /tmp/log
echo "rows=$(od -An -v -tx1 /tmp/bytes | sort -u | wc -l)"
echo "of=$(od -An -v -tx1 /tmp/bytes | wc -l)"
'

as_host() {
	in_guest --kernel debian --device none --driver none --cpus 2 \
		--file "$PROGRAM" "$@"
}

needs debian
check "a guest that plays the host: device and server have a jitter source" \
	as_host --file "$BUILD/tests/device/egd-server" \
	--file "$BUILD/tests/bench/front_rate" -- "$COMMON $SERVE"
check "a guest that plays the host: the device serves a front end" \
	holds "served >= 64"
check "a guest that plays the host: bytes of the server pass rngd's tests" \
	holds "fips_successes >= 1" "health_failures == 0" \
	"of >= 156" "rows == of"
note served of

# UML's command line is as in lib/machine_uml.sh.
# shellcheck disable=SC2016
readonly NEST='
device_begin
{
	linux mem=96M initrd=/initramfs uml_dir=/tmp/uml/ umid=guest noreboot \
		panic=-1 console=tty0 loglevel=5 con0=null,fd:7 con=null \
		GUEST_OUT=/dev/ttyS0 GUEST_STATUS=/dev/ttyS1 ssl0=null,fd:5 \
		ssl1=null,fd:6 virtio_uml.device=/run/rng:4 \
		5>&1 6>&1 7>&1 </dev/null 2>/dev/null
} | cat
device_end
'

# Sets LINUX and INITRAMFS to what the nested guest boots: from a run without a device,
# which keeps its files.
guest_for_it() {
	local kernel
	kernel=$("$HERE/kernel" "$NESTED") || return
	mkdir "$WORK/kept"
	TMPDIR=$WORK/kept in_guest --kernel "$NESTED" --device none --keep -- "$READ"
	LINUX=$kernel/kernel
	INITRAMFS=$(echo "$WORK"/kept/vrng-guest.*/initramfs)
	[ -x "$LINUX" ] && [ -f "$INITRAMFS" ] && [ -z "$(value rows)" ]
}

if [ -z "$NESTED" ]; then
	ok "a guest of that guest reads from its device" \
		"# SKIP it takes a minute; NESTED=uml runs it"
else
	needs debian "$NESTED"
	check "$NESTED: without a device a guest reads nothing" guest_for_it
	check "a guest of that guest reads from its device" as_host \
		--timeout 600 --memory 1024 --file "$LINUX:/usr/local/bin/linux" \
		--file "$INITRAMFS:/initramfs" -- "$COMMON $NEST"
	check "they are 256 bytes of jitter, no 16 of them twice" \
		holds "rows == 16" "served >= 256"
fi

done_testing
