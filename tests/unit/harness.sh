# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # set for those who source it
# Sourced by the scripts that test programs as users meet them. It makes a
# temporary folder and changes to it, runs programs with a bound on their time, and
# prints TAP. B names the folder of built programs. This is plain sh, which has no
# `local`.

B=$(realpath "${B:-build}") || exit 1
top=$PWD
LC_ALL=C
export LC_ALL

tmp=$(mktemp -d "${TMPDIR:-/tmp}/vrng-cli.XXXXXX") || exit 1
pids= # of all programs that were begun; killed at the end
trap 'for pid in $pids; do kill -9 "$pid" 2>/dev/null; done; rm -rf "$tmp"' EXIT
chmod 755 "$tmp" # rngd's other process is another user's
cd "$tmp" || exit 1

# The bound of each wait, in seconds. No case decides by speed: only a program that
# hangs takes so long, on however busy a machine.
patience=60
speaker= # the name that an error message begins with

n=0
failed=0
status= # of the last program that was run

# program PATH: prints the path of a built program.
program() {
	[ -x "$B/$1" ] || {
		echo "Bail out! $B/$1 is not built" >&2
		return 1
	}
	echo "$B/$1"
}

# apart_rngd: prints the path of a program that runs rngd, as root too, without the
# control socket that the machine's own rngd may have. --control and the later options
# of its caller come after.
apart_rngd() {
	program rngd/rngd >/dev/null || return
	printf '#!/bin/sh\nexec "%s" --control=none "$@"\n' "$B/rngd/rngd" \
		>"$tmp/apart-rngd"
	chmod 755 "$tmp/apart-rngd"
	echo "$tmp/apart-rngd"
}

# ok STATUS DESCRIPTION: the test passes if STATUS is 0.
ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
		return
	fi
	failed=1
	echo "not ok $n - $2"
	for file in out err log *.log; do
		[ ! -f "$file" ] || head -n 20 "$file" |
			tr -c '[:print:]\n' '?' | sed "s/^/# $file: /"
	done
	echo "# status: $status"
}

skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

done_testing() {
	echo "1..$n"
	exit $failed
}

# run COMMAND...: its output goes to the files out and err, its status to $status.
run() {
	timeout -k 1 $patience "$@" >out 2>err
	status=$?
}

# refused STATUS TEXT DESCRIPTION: the last run ended with STATUS and one line on
# stderr that contains TEXT.
refused() {
	[ "$status" = "$1" ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] &&
		grep -qF -e "$2" err && grep -q "^$speaker: " err
	ok $? "$3"
}

# await COMMAND...: repeats it until it succeeds, for at most $patience.
await() {
	tries=$((50 * patience))
	until "$@" 2>/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.02
	done
}

gone() {
	! kill -0 "$1"
}

# begin_as NAME COMMAND...: runs it in the background. Sets $pid; its output goes to
# NAME.log, which is emptied first.
begin_as() {
	name=$1
	shift
	: >"$name.log"
	"$@" >>"$name.log" 2>&1 &
	pid=$!
	pids="$pids $pid"
}

# begin COMMAND...: the same with out and err instead of NAME.log, and with this
# script's stdin, which a shell does not give to what it runs in the background.
begin() {
	# Emptied here and not by the child: await must not find what an earlier
	# program printed.
	: >out
	: >err
	exec 3<&0
	"$@" <&3 3<&- >out 2>err &
	pid=$!
	exec 3<&-
	pids="$pids $pid"
}

# forget PID: do not kill it at the end. Its number may belong to another process.
forget() {
	others=
	for each in $pids; do
		[ "$each" = "$1" ] || others="$others $each"
	done
	pids=$others
}

# ended PID: waits until it ends by itself. Sets $status.
ended() {
	wait "$1" 2>/dev/null
	status=$?
	forget "$1"
}

# finish SIGNAL [PID]: sends it and waits for the end. Sets $status, which is 137 for
# a program that had to be killed after $patience.
finish() {
	ending=${2-$pid}
	kill -s "$1" "$ending" 2>/dev/null
	sent=$?
	await gone "$ending" || kill -9 "$ending"
	ended "$ending"
	[ $sent = 0 ] || status="$status before it was told to end"
}
