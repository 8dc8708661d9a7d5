#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Suspend under a reader: bytes that were read ahead before are not served after, and the
# bytes served are of the host's stream. With virtio-pci and virtio-mmio the driver is
# frozen, its device is reset, and it is restored. virtio_uml does none of that.
#
# ROUNDS=N suspends (3, of some 2 s each).
. "$(dirname "$0")/tap.sh"

ROUNDS=${ROUNDS:-3}

# The bzImage: when booted by its PVH entry, which other cases use for speed, this kernel
# does not resume from S3 (its wake-up code is not where the BIOS jumps to).
! needs debian || image=$("$HERE/kernel" debian)/vmlinuz

none_is_old() {
	[ "$(grep -c '^round=[0-9]* old=0$' "$OUT")" = "$ROUNDS" ]
}

# Wakes the guest through QEMU's monitor whenever it sleeps. An alarm of the guest's own
# clock could go off before it sleeps on a busy host.
wake() {
	local line
	exec 8<>"$WORK/monitor.in" 9<>"$WORK/monitor.out"
	echo '{"execute":"qmp_capabilities"}' >&8
	while read -r line <&9; do
		[[ $line != *'"SUSPEND"'* ]] ||
			echo '{"execute":"system_wakeup"}' >&8
	done
}

mkfifo "$WORK/monitor.in" "$WORK/monitor.out"
if needs debian; then
	wake &
	waker=$!
fi

# Commands for the guest, with the command that suspends it in $suspend.
# shellcheck disable=SC2016 # expanded in there
readonly COMMAND='set -e
cd /sys/bus/virtio/drivers/vrng/virtio*/vrng
forkread -d $PWD -g $rounds -p 20 >/tmp/said & pid=$!
held() {
	echo $(($(cat bytes_received) - $(cat bytes_read) - $(cat bytes_discarded)))
}
# Waits until the reader has more than $1 bytes of output and the driver holds 64 bytes.
await_held() {
	until [ $(stat -c %s /tmp/said) -gt $1 ] && [ $(held) -ge 64 ]; do
		kill -0 $pid
		sleep 0.05
	done
}
round=0
while [ $round -lt $rounds ]; do
	await_held $(($(stat -c %s /tmp/said) + 65536))
	eval "$suspend"
	round=$((round + 1))
done
wait $pid
awk "NF == 4 { print \$4 }" /tmp/said | xxd -r -p >/tmp/bytes
size=$(wc -c </tmp/bytes)
streamcheck -g /tmp/bytes $spec $size 64 >/tmp/gaps
tail -n 1 /tmp/gaps
awk -f /suspend.awk /tmp/gaps /tmp/said
'

# sleeps NAME SUSPEND [OPTION]...: the cases of a guest that is suspended by this command.
sleeps() {
	local name=$1 suspend=$2
	shift 2
	check "$name: $ROUNDS suspends under a reader" \
		in_guest --timeout $((120 + 10 * ROUNDS)) --device vhost-user \
		--source "$DRBG" "${TOOLS[@]}" "$@" \
		--file "$BUILD/tests/guest/forkread" --file "$HERE/suspend.awk" -- \
		"rounds=$ROUNDS spec=$DRBG suspend='$suspend'; $COMMAND
		$SHOW_COUNTERS"
	note bytes_discarded bytes_received
	check "$name: bytes read ahead before a suspend are not served after" \
		none_is_old
	check "$name: each suspend counts once, and the stream loses nothing else" \
		holds "bytes_discarded > 0" "clone_generation == $ROUNDS" \
		"device_errors == 0"
}

sleeps "debian" "echo mem >/sys/power/state" --kernel "$image" \
	--qemu-arg -chardev --qemu-arg "pipe,id=monitor,path=$WORK/monitor" \
	--qemu-arg -mon --qemu-arg chardev=monitor,mode=control
[ -z "$waker" ] || kill "$waker"

# A microvm cannot be suspended to RAM. The kernel suspends its devices and resumes them.
needs debian
sleeps "microvm, virtio-mmio" "echo 1 >/sys/module/suspend/parameters/pm_test_delay;
	echo devices >/sys/power/pm_test; echo freeze >/sys/power/state" \
	--kernel debian --machine microvm

# rests PID: waits until a process has slept, and used no processor time, in ten looks
# in a row. Status: 1 if it is gone.
rests() {
	local looks=0 before='' now
	while [ $looks -lt 10 ]; do
		sleep 0.05
		now=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) && [ "$now" ] || return
		now=$(cut -d' ' -f1,12,13 <<<"$now")
		[[ $now == S* && $now == "$before" ]] || looks=0
		looks=$((looks + 1))
		before=$now
	done
}

# A UML guest never freezes its device. A signal wakes it. One that comes before it sleeps
# is lost, or ends the suspend. Its folder is in TMPDIR.
wake_uml() {
	local woken=0 pid
	until [ "$woken" = "$ROUNDS" ]; do
		sleep 0.05
		[ "$(grep -sc '^sleeps$' "$OUT")" -gt "$woken" ] || continue
		pid=$(cat "$WORK"/uml/*/uml/guest/pid) && rests "$pid" &&
			kill -USR1 "$pid"
		woken=$((woken + 1))
	done
}

if needs uml; then
	mkdir "$WORK/uml"
	: >"$OUT"
	wake_uml &
	waker=$!
fi
TMPDIR=$WORK/uml sleeps "uml" "echo sleeps; echo freeze >/sys/power/state" \
	--kernel uml
[ -z "$waker" ] || kill "$waker" 2>/dev/null

done_testing
