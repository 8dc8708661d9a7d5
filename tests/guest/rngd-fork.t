#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd and VM forks that rngctl announces, for a hypervisor that does not; and rngd's two
# processes.
. "$(dirname "$0")/tap.sh"

# shellcheck disable=SC2016
readonly PREPARE=$UNTIL'
set -e
mkdir -p /var/run /run /etc/vrng/fork.d /tmp
cat >/etc/vrng/fork.d/10-note <<"END"
#!/bin/sh
echo "$VRNG_GENERATION $VRNG_REASON $VRNG_FRESH $(id -u)" >>/tmp/hooks
END
cat >/etc/vrng/fork.d/20-fail <<"END"
#!/bin/sh
exit 3
END
printf "#!/bin/sh\ntouch /tmp/wrong\n" >/etc/vrng/fork.d/ignored.sh
printf "#!/bin/sh\ntouch /tmp/wrong\n" >/etc/vrng/fork.d/not-a-program
chmod 755 /etc/vrng/fork.d/*
chmod 644 /etc/vrng/fork.d/not-a-program
cd /sys/bus/virtio/drivers/vrng/virtio*/vrng
await() {
	until_true "$@" || { cat /tmp/log; exit 1; }
}
rngd -f -r /dev/hwrng 2>/tmp/log & pid=$!
await grep -q credited /tmp/log
'

# shellcheck disable=SC2016
readonly ASK="$PREPARE"'
credited_1=$(rngctl status --json | sed -n "s/^  *.bits_credited.: \([0-9]*\),/\1/p" | head -n 1)
echo "answer $(rngctl reseed)"
echo "fork_answer $(rngctl reseed --fork)"
credited_2=$(rngctl status --json | sed -n "s/^  *.bits_credited.: \([0-9]*\),/\1/p" | head -n 1)
echo "more=$((credited_2 - credited_1))"
echo "hooks=$(wc -l </tmp/hooks)"
echo "first_hook=$(sed -n "1s/ /,/gp" /tmp/hooks)"
echo "second_hook=$(sed -n "2s/ /,/gp" /tmp/hooks)"
[ ! -e /tmp/wrong ] && echo "only_programs=1"
rngctl metrics >/tmp/metrics
sed -n "s/^rngd_vm_forks_total /vm_forks=/p; s/^rngd_hooks_failed_total /failed=/p" /tmp/metrics
grep -q "^rngd_source_state{" /tmp/metrics && echo "complete=1"
sed -n "s/^rngd_hwrng_virtio_idle /idle=/p; s/^rngd_hwrng_info{current=.virtio.} /current=/p" /tmp/metrics
rngctl status | sed -n "s/^  .dev.hwrng: virtio\(,.*\|\)$/shown=1/p"
echo "helper=$(grep -l "^Name:.rngd-helper" /proc/[0-9]*/status | wc -l)"
helper=$(grep -l "^Name:.rngd-helper" /proc/[0-9]*/status)
echo "daemon_caps=0x$(sed -n "s/^CapEff:.//p" /proc/$pid/status)"
echo "daemon_uid=$(sed -n "s/^Uid:.\([0-9]*\).*/\1/p" /proc/$pid/status)"
echo "helper_caps=0x$(sed -n "s/^CapEff:.//p" $helper)"
echo "filters=$(cat /proc/$pid/status $helper | grep -c "^Seccomp:.2")"
dropped=$(rngctl status --json | sed -n "s/^  *.bytes_dropped.: \([0-9]*\),/\1/p" | head -n 1)
echo "dropped=$dropped"
kill -TERM $pid
wait $pid && echo "status=0"
[ ! -e /run/rngd.sock ] && echo "socket_removed=1"
cat /tmp/log >&2
'

# A source that holds more than the kernel does, and gives no more.
# shellcheck disable=SC2016
readonly STALE="$PREPARE"'
kill -TERM $pid
wait $pid
await [ ! -e /run/rngd.sock ]
mkfifo /tmp/fifo
exec 9<>/tmp/fifo
head -c 2504 /dev/urandom >/tmp/fifo
rm /tmp/log # which the rngd before has written
rngd -f --source=file:/tmp/fifo 2>/tmp/log & pid=$!
await grep -q credited /tmp/log
await [ -e /run/rngd.sock ]
head -c 40000 /dev/urandom >/tmp/fifo
rngctl reseed --fork >/tmp/answer &
dropped() {
	rngctl status --json | sed -n "s/^  *.bytes_dropped.: \([0-9]*\),/\1/p" |
		head -n 1
}
some_dropped() {
	[ "$(dropped)" -ge 40000 ]
}
await some_dropped
[ -s /tmp/answer ] || echo "waits=1"
head -c 2504 /dev/urandom >/tmp/fifo
await [ -s /tmp/answer ]
echo "dropped=$(dropped)"
echo "answer $(cat /tmp/answer)"
kill -TERM $pid
wait $pid && echo "status=0"
cat /tmp/log >&2
'

# The driver has another file in sysfs then, and rngd learns of it by a uevent.
# shellcheck disable=SC2016
readonly REBIND="$PREPARE"'
cd /sys/bus/virtio/drivers/vrng
device=$(echo virtio*)
watched() {
	[ "$(ls -l /proc/$pid/fd | grep -c "/clone_generation$")" = $1 ]
}
await watched 1
echo $device >unbind
await watched 0
echo $device >bind
await watched 1
echo "watched=1"
kill -TERM $pid
wait $pid && echo "status=0"
cat /tmp/log >&2
'

all_dropped() {
	grep -q '^answer generation=[0-9]* fed_ms=[0-9]* done_ms=[0-9]*' "$OUT" &&
		holds "waits == 1" "dropped == 40000" \
			"status == 0"
}

asked() {
	grep -q '^answer generation=[0-9]* fed_ms=[0-9]* done_ms=[0-9]*' "$OUT" &&
		grep -q '^fork_answer generation=' "$OUT" &&
		holds "more >= 40000"
}

hooked() {
	holds "hooks == 2" "only_programs == 1" \
		"vm_forks == 1" "failed == 2" &&
		[[ $(value first_hook) == [0-9]*,request,yes,0 ]] &&
		[[ $(value second_hook) == [0-9]*,fork,yes,0 ]]
}

named() {
	holds "current == 1" "idle == 0" "shown == 1"
}

confined() {
	holds "helper == 1" "filters == 2" \
		"daemon_caps == 0" "daemon_uid != 0" \
		"helper_caps == 0x200000"
}

clean() {
	holds "status == 0" "socket_removed == 1" \
		"complete == 1" "dropped > 0"
}

for kernel in ${KERNELS:-debian uml}; do
	needs "$kernel"
	check "$kernel: a guest with rngd that takes requests of rngctl" \
		in_guest --kernel "$kernel" --device vhost-user \
		--file "$BUILD/rngd/rngd" --file "$BUILD/rngd/rngctl" -- "$ASK"
	check "$kernel: a request brings fresh entropy, and so does a fork" asked
	check "$kernel: hooks run after it, as root, and only programs" hooked
	check "$kernel: rngctl names the generator behind /dev/hwrng" named
	check "$kernel: two processes, filtered, one without any capability" \
		confined
	check "$kernel: held bytes are dropped, and no file is left behind" clean
	check "$kernel: a guest with a source that holds many bytes" \
		in_guest --kernel "$kernel" --device vhost-user \
		--file "$BUILD/rngd/rngd" --file "$BUILD/rngd/rngctl" -- "$STALE"
	check "$kernel: after an announced fork all of them are dropped" \
		all_dropped
	check "$kernel: a guest with a driver that is bound anew" \
		in_guest --kernel "$kernel" --device vhost-user \
		--file "$BUILD/rngd/rngd" -- "$REBIND"
	check "$kernel: rngd watches it for forks" \
		holds "watched == 1" "status == 0"
done

done_testing
