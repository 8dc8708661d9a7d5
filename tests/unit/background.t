#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd -b that is ended while it starts: its status tells whether a daemon runs.
# The moments come from SEED; TRIES and SEED may be set.
. "${0%/*}/harness.sh"
rngd=$(apart_rngd) || exit 1
SEED=${SEED:-20261128}
TRIES=${TRIES:-50}
mkfifo -m 666 fifo

# The command line of grep itself does not have it.
echo "$tmp/pid" >pattern

# daemons: prints the files of the processes that were started with our pid file.
daemons() {
	grep -lasFf pattern /proc/[0-9]*/cmdline
}

none_runs() {
	[ -z "$(daemons)" ]
}

# Prints COUNT delays in seconds, up to 10 ms.
delays() {
	awk -v seed="$SEED" -v count="$1" 'BEGIN {
		srand(seed)
		while (count--)
			printf "%.4f\n", rand() * 0.01
	}'
}

# try DELAY: status 0 if its outcome is right.
try() {
	begin "$rngd" -b -p "$tmp/pid" -r fifo -o file
	sleep "$1"
	kill "$pid" 2>/dev/null
	ended "$pid"
	[ "$status" = 0 ] || {
		none_runs
		return
	}
	started=$((started + 1))
	pid=$(cat pid) && kill "$pid" && await none_runs
}

started=0
wrong=0
for delay in $(delays "$TRIES"); do
	try "$delay" || {
		wrong=$((wrong + 1))
		echo "# SIGTERM after $delay s: status $status, $(daemons | wc -l) left"
		daemons | tr -cd '0-9\n' | xargs -r kill -9
	}
done
echo "# $started of $TRIES had started; SEED=$SEED"
[ $wrong = 0 ]
ok $? "rngd: -b that SIGTERM ends at any moment leaves no daemon behind"
done_testing
