# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # set for those who source it
# For the cases of programs as their users meet them, which source it: a folder
# of its own to be in, programs that run and end within a bound, TAP on stdout.
# B names the folder of built programs. Plain sh: local would not be.

B=$(realpath "${B:-build}") || exit 1
top=$PWD
LC_ALL=C
export LC_ALL

tmp=$(mktemp -d "${TMPDIR:-/tmp}/vrng-cli.XXXXXX") || exit 1
pids= # of all that was begun, to be gone at the end
trap 'for pid in $pids; do kill -9 "$pid" 2>/dev/null; done; rm -rf "$tmp"' EXIT
chmod 755 "$tmp" # rngd's other process is another user's
cd "$tmp" || exit 1

# What still counts as at once (ms), on a machine that is busy with other things.
at_once=5000
patience=10 # what is awaited comes within that (s)
speaker= # the program whose name a refusal begins with

n=0
failed=0
status= # of the last program that was run

# program PATH: of those built; it is there.
program() {
	[ -x "$B/$1" ] || {
		echo "Bail out! $B/$1 is not built" >&2
		return 1
	}
	echo "$B/$1"
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

# run COMMAND...: into out, err and $status, in at most 20 s.
run() {
	timeout -k 1 20 "$@" >out 2>err
	status=$?
}

# refused STATUS TEXT DESCRIPTION: it ended so, with one line that has TEXT.
refused() {
	[ "$status" = "$1" ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] &&
		grep -qF -e "$2" err && grep -q "^$speaker: " err
	ok $? "$3"
}

# Until COMMAND... succeeds, for at most $patience.
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

# begin_as NAME COMMAND...: in the background, to be gone at the end: $pid, and
# what it says in NAME.log. What a namesake said before does not count.
begin_as() {
	name=$1
	shift
	: >"$name.log"
	"$@" >>"$name.log" 2>&1 &
	pid=$!
	pids="$pids $pid"
}

# begin COMMAND...: the same, into out and err as it goes, and with our stdin,
# which the shell would not give it.
begin() {
	# Here, not in the child: what was in them must not be waited for.
	: >out
	: >err
	exec 3<&0
	"$@" <&3 3<&- >out 2>err &
	pid=$!
	exec 3<&-
	pids="$pids $pid"
}

# forget PID: it has ended; its number may come to be another's.
forget() {
	others=
	for each in $pids; do
		[ "$each" = "$1" ] || others="$others $each"
	done
	pids=$others
}

# ended PID: it ends by itself; $status.
ended() {
	wait "$1" 2>/dev/null
	status=$?
	forget "$1"
}

# finish SIGNAL [PID]: send it; $status, and $ms that it took to end.
finish() {
	ending=${2-$pid}
	began=$(date +%s%N)
	kill -s "$1" "$ending" 2>/dev/null
	sent=$?
	await gone "$ending" || kill -9 "$ending"
	ms=$((($(date +%s%N) - began) / 1000000))
	ended "$ending"
	[ $sent = 0 ] || status="$status before it was told to end"
}
