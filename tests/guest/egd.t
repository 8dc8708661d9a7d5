#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests with an EGD source: QEMU's rng-egd and our device, which prefetches, are clients
# of egd-server. Each gives the guest the server's stream, byte by byte.
. "$(dirname "$0")/tap.sh"

SERVER_PID=
trap 'stop_server; rm -rf "$WORK"' EXIT

stop_server() {
	[ -z "$SERVER_PID" ] || kill "$SERVER_PID" 2>/dev/null
	[ -z "$SERVER_PID" ] || wait "$SERVER_PID" 2>/dev/null
	SERVER_PID=
}

# Starts a server for one guest: a stream is served once.
start_server() {
	stop_server # one whose case was skipped
	# The shell in the background may make it late.
	: >"$WORK/server"
	"$BUILD/tests/device/egd-server" --listen="unix:$WORK/egd" \
		--listen=tcp:0 --source="$DRBG" --stats="$WORK/stats" \
		2>"$WORK/server" &
	SERVER_PID=$!
	soon "$HANG_SECONDS" both_listen
}

both_listen() {
	[ "$(grep -c listening "$WORK/server")" = 2 ]
}

# Prints the server's TCP address, as HOST:PORT.
port() {
	sed -n 's/.*tcp:\(127.0.0.1:[0-9]*\),.*/\1/p' "$WORK/server"
}

# on_server OPTION... -- COMMAND: runs a guest, then writes the server's counters and
# stops the server.
on_server() {
	local status=0
	in_guest "$@" || status=$?
	kill -s USR1 "$SERVER_PID"
	stop_server
	return "$status"
}

# served NAME LEAST: has the server's counter reached LEAST?
served() {
	local count
	count=$(sed -n "s/^egd_server_$1 //p" "$WORK/stats")
	[ "${count:-0}" -ge "$2" ] || {
		echo "# the server counted ${count:-no} $1, not $2"
		return 1
	}
}

needs debian
start_server
check "QEMU's rng-egd gives a guest the stream of egd-server" \
	on_server --kernel debian --device "egd:unix:$WORK/egd" "${TOOLS[@]}" \
	-- "streamcheck /dev/hwrng $DRBG 65536 64 4096"
check "QEMU's rng-egd: the server counted the bytes" served bytes_total 65536

# It asks for all that the driver has posted, and until that is written no processor of
# the guest runs.
start_server
check "QEMU's rng-egd gives a guest a long stream, for which much is posted" \
	on_server --kernel debian --device "egd:unix:$WORK/egd" "${TOOLS[@]}" \
	-- "streamcheck /dev/hwrng $DRBG 4194304 65536"

start_server
check "QEMU's rng-egd gives a guest that stream over TCP" \
	on_server --kernel debian --device "egd:$(port)" "${TOOLS[@]}" \
	-- "streamcheck /dev/hwrng $DRBG 65536 64 4096"

start_server
check "our device gives a guest what its EGD source has prefetched" \
	on_server --kernel debian --device vhost-user \
	--source "egd:unix:$WORK/egd,cache=65536" "${TOOLS[@]}" \
	-- "streamcheck /dev/hwrng $DRBG 1048576 64 4096 65536"
check "our device: the server counted the bytes" served bytes_total 1048576

done_testing
