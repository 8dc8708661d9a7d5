#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests on EGD: QEMU's own rng-egd is a client of egd-server, and so is our
# device, which asks ahead. Both hand the guest the server's stream, byte by byte.
. "$(dirname "$0")/tap.sh"

SERVER_PID=
trap 'stop_server; rm -rf "$WORK"' EXIT

stop_server() {
	[ -z "$SERVER_PID" ] || kill "$SERVER_PID" 2>/dev/null
	[ -z "$SERVER_PID" ] || wait "$SERVER_PID" 2>/dev/null
	SERVER_PID=
}

# A server of its own for each guest: a stream is given out but once.
start_server() {
	local tries
	# The server's shell may come to make it late.
	: >"$WORK/server"
	"$BUILD/tests/device/egd-server" --listen="unix:$WORK/egd" \
		--listen=tcp:0 --source="$DRBG" --stats="$WORK/stats" \
		2>"$WORK/server" &
	SERVER_PID=$!
	for ((tries = 0; tries < 200; tries++)); do
		[ "$(grep -c listening "$WORK/server")" != 2 ] || return 0
		sleep 0.05
	done
	return 1
}

port() {
	sed -n 's/.*tcp:\(127.0.0.1:[0-9]*\),.*/\1/p' "$WORK/server"
}

# on_server OPTION... -- COMMAND: a guest, with $SERVER_PID up, and then down.
on_server() {
	local status=0
	in_guest "$@" || status=$?
	kill -s USR1 "$SERVER_PID"
	stop_server
	return "$status"
}

# served NAME LEAST: did the server count that much?
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
check "QEMU's rng-egd hands a guest the stream of egd-server" \
	on_server --kernel debian --device "egd:unix:$WORK/egd" "${TOOLS[@]}" \
	-- "streamcheck /dev/hwrng $DRBG 65536 64 4096"
check "and the server has counted it" served bytes_total 65536

start_server
check "and so it does over TCP" \
	on_server --kernel debian --device "egd:$(port)" "${TOOLS[@]}" \
	-- "streamcheck /dev/hwrng $DRBG 65536 64 4096"

start_server
check "our device hands a guest what its EGD source has asked for ahead" \
	on_server --kernel debian --device vhost-user \
	--source "egd:unix:$WORK/egd,cache=65536" "${TOOLS[@]}" \
	-- "streamcheck /dev/hwrng $DRBG 1048576 64 4096 65536"
check "and the server has counted that, too" served bytes_total 1048576

done_testing
