#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Suspend to disk under a reader: the guest saves its memory and powers off, and a newly
# booted kernel, with a driver of its own, restores it. The device of each boot has
# another stream, so that each byte shows in which boot it came from the host.
#
# ROUNDS=N hibernations (1, of some 8 s each).
. "$(dirname "$0")/tap.sh"

ROUNDS=${ROUNDS:-1}
readonly DISK=$WORK/disk
! needs debian || kernel=$("$HERE/kernel" debian)

# stream N: prints the source of boot N. For here and for the guest.
# shellcheck disable=SC2016
readonly STREAM='stream() { echo "drbg:seed=$(printf %064d "$1")"; }'
eval "$STREAM"

# Commands for the guest. The first boot saves an image, once each round. A later boot
# restores the image with the second command, which does not return.
# shellcheck disable=SC2016
readonly COMMAND='
set -e
disk=$(cat /sys/class/block/vda/dev)
echo $disk >/sys/power/resume || true
[ "$BOOT" = 0 ] || { echo "no image was found"; exit 1; }

held() {
	echo $(($(cat bytes_received) - $(cat bytes_read) -
		$(cat bytes_discarded)))
}
until_held() {
	until [ $(wc -l </tmp/said) -gt 1024 ] && [ $(held) -ge 64 ]; do
		kill -0 $pid
	done
}
# Prints the bytes that were read after the restore.
new_bytes() {
	awk "\$1 == \"from\" { from = \$2 }
		NF == 4 && \$2 != from { print \$4 }" /tmp/said | xxd -r -p
}

mkswap /dev/vda >/dev/null
swapon /dev/vda
echo $disk >/sys/power/resume || true
echo shutdown >/sys/power/disk
cd /sys/bus/virtio/drivers/vrng/virtio*/vrng
# It pauses most of the time, so that it is rarely frozen in the middle of a read, which
# may have bytes of both sides.
round=1
while [ $round -le $ROUNDS ]; do
	forkread -d $PWD -p 50 -b 65536 >/tmp/said & pid=$!
	until_held
	echo disk >/sys/power/state
	wait $pid
	new_bytes >/tmp/bytes
	size=$(wc -c </tmp/bytes)
	echo "round=$round $(streamcheck /tmp/bytes $(stream $round) $size 64)"
	round=$((round + 1))
done
'

# boot N: only the last boot ends with a status. The others power off.
boot() {
	local status=0
	"$HERE/guest" --timeout 240 --device vhost-user \
		--source "$(stream "$1")" \
		--module "$(find "$kernel/lib" -name virtio_blk.ko)" \
		--append hibernate=nocompress \
		--append "BOOT=$1" --append "ROUNDS=$ROUNDS" \
		--qemu-arg -drive \
		--qemu-arg "file=$DISK,format=raw,if=none,id=disk,cache=unsafe" \
		--qemu-arg -device --qemu-arg virtio-blk-pci,drive=disk \
		"${TOOLS[@]}" --file "$BUILD/tests/guest/forkread" \
		-- "$STREAM$COMMAND" \
		>>"$OUT" 2>"$ERR" </dev/null || status=$?
	if [ "$1" = "$ROUNDS" ]; then
		return "$status"
	fi
	[ "$status" = 125 ] && grep -q "machine's was 0" "$ERR"
}

hibernate_and_resume() {
	local n
	truncate -s 256M "$DISK"
	: >"$OUT"
	for n in $(seq 0 "$ROUNDS"); do
		boot "$n" || return
	done
}

# In whole chunks: single bytes of another stream could be found by chance.
each_goes_on() {
	[ "$(grep -E '^round=[0-9]+ bytes=[0-9]{5,} ' "$OUT" |
		grep -c ' short=0 split=0 ')" = "$ROUNDS" ]
}

check "debian: $ROUNDS hibernations under a reader that continues" \
	hibernate_and_resume
check "debian: each byte after a restore is of that boot's stream" each_goes_on

done_testing
