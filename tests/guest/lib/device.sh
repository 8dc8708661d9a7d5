# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Our vhost-user device on the host, for the time of one guest. Needs until.sh.

readonly DEVICE_PROGRAM=$BUILD/tests/device/vhost-user-rng
# Seconds for a process to end after SIGTERM, before it is killed.
readonly END_SECONDS=10

DEVICE_PID=
DEVICE_SOCKET=

stop_process() {
	local pid=$1
	[ -n "$pid" ] || return 0
	kill "$pid" 2>/dev/null || true
	soon "$END_SECONDS" is_gone "$pid" ||
		kill -KILL -- "-$pid" "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

device_listens_or_ended() {
	grep -q listening "$RUN/device.log" || is_gone "$DEVICE_PID"
}

device_start() {
	[ "${OPT[device]}" = vhost-user ] || return 0
	if [ -n "${OPT[socket]}" ]; then
		DEVICE_SOCKET=${OPT[socket]}
		[ -S "$DEVICE_SOCKET" ] || die "$EX_UNAVAILABLE" \
			"$DEVICE_SOCKET: no socket there; start vhost-user-rng" \
			"first"
		return 0
	fi
	[ -x "$DEVICE_PROGRAM" ] || die "$EX_UNAVAILABLE" \
		"$DEVICE_PROGRAM: not built; run 'make'"
	DEVICE_SOCKET=$RUN/rng.sock
	: >"$RUN/device.log"
	"$DEVICE_PROGRAM" --socket-path="$DEVICE_SOCKET" \
		--source="${OPT[source]}" ${DEVICE_ARGS[@]+"${DEVICE_ARGS[@]}"} \
		</dev/null >"$RUN/device.log" 2>&1 &
	DEVICE_PID=$!
	soon "$HANG_SECONDS" device_listens_or_ended || true
	grep -q listening "$RUN/device.log" ||
		die "$EX_UNAVAILABLE" "vhost-user device did not start:" \
			"$(tail -n 1 "$RUN/device.log")"
}

device_stop() {
	stop_process "$DEVICE_PID"
	DEVICE_PID=
}
