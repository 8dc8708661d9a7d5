#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# vhost-user-rng --hand-over: the next process of the service goes on with the guests.
# TAP on stdout; B names the folder of built programs. Runs with root or without.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
speaker=vhost-user-rng
device=$(program tests/device/vhost-user-rng) || exit 1
server=$(program tests/device/egd-server) || exit 1
fleet=$(program tests/bench/fleet) || exit 1
manager=$(program tests/unit/manager) || exit 1

# -------------------------------------------------------------------- options

run env -u NOTIFY_SOCKET "$device" --socket-path=s --hand-over
refused 64 "--hand-over: needs a service manager" "without a manager it is refused"
NOTIFY_SOCKET=$tmp/nobody
export NOTIFY_SOCKET
run "$device" --fd=0 --hand-over
refused 64 "--hand-over: is not for --fd" "with --fd it is refused"
seed=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
run "$device" --socket-path=s --hand-over --source=drbg:seed=$seed
refused 64 "begins anew in each process" \
	"a stream that the next process would begin anew is refused"
echo bytes >file
run "$device" --socket-path=s --hand-over --source=file:file
refused 64 "begins anew in each process" "so is a regular file"
unset NOTIFY_SOCKET

# ------------------------------------------------------------------- upgrades

# All devices have their bytes of this server, which gives each once.
begin_as egd "$server" --listen=unix:egd --source=drbg:seed=$seed
await grep -q listening egd.log

# manage NAME COMMAND...: runs it as a service. Sets $service. Its notices go to NAME.out.
manage() {
	name=$1
	shift
	: >"$name.log"
	: >"$name.out"
	"$manager" "$tmp/$name.notices" "$@" >"$name.out" 2>"$name.log" &
	service=$!
	pids="$pids $service"
	await grep -q '^ready 1 ' "$name.out"
}

# stay FOLDER GUESTS: guests that read all the time, until fd 7 is closed.
stay() {
	mkfifo "$1.in"
	: >"$1.rounds" # of guests before; the shell in the background may be late
	timeout 300 "$fleet" stay "$1" "$2" 64 <"$1.in" >"$1.rounds" 2>"$1.err" &
	guests=$!
	pids="$pids $guests"
	exec 7>"$1.in"
	await grep -qx 'round 1' "$1.rounds"
}

# rounds FOLDER: prints how often each guest has read.
rounds() {
	grep -c '^round' "$1.rounds"
}

# read_more FOLDER COUNT: has each guest read more often than COUNT?
# shellcheck disable=SC2317 # await calls it
read_more() {
	[ "$(rounds "$1")" -gt "$2" ]
}

# upgrade NAME FOLDER COUNT: the service NAME restarts so often, and after each time its
# guests read twice at least.
upgrade() {
	upgraded=0
	while [ $upgraded -lt "$3" ]; do
		upgraded=$((upgraded + 1))
		kill -HUP "$service"
		await grep -q "^ready $((upgraded + 1)) " "$1.out" &&
			await read_more "$2" $(($(rounds "$2") + 1)) || return
	done
}

# left FOLDER DESCRIPTION: the guests end, and no byte came twice.
left() {
	exec 7>&-
	wait "$guests"
	status=$?
	[ $status = 0 ] && grep -q '^bytes=' "$1.rounds"
	ok $? "$2"
	echo "# $(tail -n 1 "$1.rounds")"
}

# stop DESCRIPTION: the service ends with status 0.
stop() {
	finish TERM "$service"
	ok "$status" "$1"
}

mkdir many
manage many "$device" --socket-dir=many --hand-over --source=egd:unix:egd
stay many 16
before=$(stat -c '%i %y' many/guest0.sock)
upgrade many many 3
ok $? "16 guests of a folder read on through 3 upgrades"
grep -q '^ready 4 .* kept=16$' many.out &&
	[ "$(grep -c 'guest taken over' many.log)" = 48 ] &&
	! grep -q 'guest gone' many.log
ok $? "each upgrade takes over all of them, and none is lost"
[ "$(stat -c '%i %y' many/guest0.sock)" = "$before" ]
ok $? "their sockets stay in their place"
timeout 60 "$fleet" take many 99 16 >out 2>err &
late=$!
: >many/guest99.conf
wait $late
status=$?
ok $status "a guest that is added after that is served"
rm many/guest99.conf
await test ! -e many/guest99.sock
left many "no byte came twice"
stop "the end of the service is that of the guests"

mkdir one
manage one "$device" --socket-path=one/guest0.sock --hand-over --source=egd:unix:egd
stay one 1
# The kernel compares it with what all programs of the user hand over at the time.
# limit COLUMN PID
limit() {
	awk -v column="$1" '/^Max open files/ { print $column }' "/proc/$2/limits"
}
[ "$(limit 4 "$(pgrep -o -P "$service")")" = "$(limit 5 $$)" ] ||
	grep -q 'without its sandbox' one.log
ok $? "a device that is to hand over has all the descriptors that it may have"
upgrade one one 3
ok $? "a guest of a socket reads on through 3 upgrades"
before=$(stat -c %i one/guest0.sock)
left one "no byte came twice there"
await grep -q 'guest gone' one.log
rm -f one/guest0.conf one.in
stay one 1
[ "$(stat -c %i one/guest0.sock)" = "$before" ]
ok $? "its socket stays in its place, and serves the next front end"
left one "and no byte comes twice there"
stop "that service ends, too"

# Sockets of systemd stay with it; only connections are left.
mkdir passed
perl -MPOSIX -MSocket -e '
	socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
	bind($s, pack_sockaddr_un("passed/guest0.sock")) or die;
	listen($s, 5) or die;
	POSIX::dup2(fileno($s), 3) if fileno($s) != 3;
	$^F = 3;
	open(my $keep, "<&=", 3) or die;
	$ENV{LISTEN_FDS} = 1;
	exec { $ARGV[0] } @ARGV;' "$manager" "$tmp/passed.notices" "$device" --hand-over \
	--source=egd:unix:egd >passed.out 2>passed.log &
service=$!
pids="$pids $service"
await grep -q '^ready 1 ' passed.out
stay passed 1
upgrade passed passed 3 && grep -q '^ready 4 .* kept=1$' passed.out
ok $? "a guest at a socket of systemd reads on through 3 upgrades"
left passed "and no byte came twice there, too"
stop "as does that service"

# ------------------------------------------------------ what goes, what is wrong

# The file of a guest goes while there is no process.
mkdir gone
manage gone sh -c '[ ! -e removed ] || rm -f gone/guest1.conf
	exec "$@"' sh "$device" --socket-dir=gone --hand-over
stay gone 3
: >removed
kill -HUP "$service"
await grep -q '^ready 2 ' gone.out &&
	await grep -q 'gone/guest1.sock: was handed over, but is not served any more' gone.log
ok $? "a guest whose file has gone meanwhile is given up, with a line"
kill "$guests"
exec 7>&-
stop "the others do not mind"

# wrong BYTES: the device is passed a socket with these.
wrong() {
	: >wrong.log # of the one before; the shell in the background may be late
	perl -MPOSIX -MSocket -e '
		socketpair(my $a, my $b, AF_UNIX, SOCK_DGRAM, 0) or die;
		send($a, shift, 0) if length $ARGV[0];
		POSIX::dup2(fileno($b), 30);
		POSIX::dup2(30, 3);
		$^F = 3;
		open(my $keep, "<&=", 3) or die;
		$ENV{LISTEN_FDS} = 1;
		$ENV{LISTEN_FDNAMES} = "vrng-guest";
		$ENV{LISTEN_PID} = $$;
		exec { $ARGV[0] } @ARGV;' "$1" "$device" --socket-path=wrong.sock \
		>wrong.log 2>&1 &
	pid=$!
	pids="$pids $pid"
	await grep -q 'listening on wrong.sock' wrong.log
	[ "$(grep -vc 'without its sandbox' wrong.log)" = 2 ] && head -n 1 wrong.log | grep -q "$2"
	ok $? "$3"
	finish TERM
	ok "$status" "and the device works on"
}
wrong 'READY=1' "label of another program; it loses" "what another program left is refused"
wrong 'vrng9999' "label of another version" "so is what another version left"

done_testing
