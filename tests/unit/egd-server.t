#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# egd-server as its users meet it: what it refuses and how, its sockets, signals
# and statistics, and a thousand clients. TAP on stdout; B names the folder of
# built programs. Runs with root or without.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=host.sh
. "$top/tests/unit/host.sh"
speaker=egd-server
server=$(program tests/device/egd-server) || exit 1
load=$(program tests/bench/egd_load) || exit 1

# serve NAME ARGUMENT...: a server in the background, until it listens; what it
# says goes to NAME.log, its number to $pid.
serve() {
	served=$1
	shift
	begin_as "$served" "$server" "$@"
	await grep -q 'listening on' "$served.log"
}

# ask CLIENTS WORD...: run that many clients at the socket s. Writes out, err, $status.
ask() {
	clients=$1
	shift
	timeout -k 1 300 "$load" clients unix:s "$clients" "$@" >out 2>err
	status=$?
}

# value NAME: print what follows NAME= in out.
value() {
	tr ' ' '\n' <out | sed -n "s/^$1=//p"
}

# counter NAME: of the statistics.
counter() {
	sed -n "s/^egd_server_$1 //p" stats
}

# opened FILE: print which processes of the last server have FILE open.
opened() {
	below=$(pgrep -P "$pid" | tr '\n' ',')
	for process in "$pid" $(pgrep -P "$pid,${below%,}"); do
		[ -z "$(find /proc/"$process"/fd -lname "*/$1")" ] ||
			echo "$process"
	done
}

# shellcheck disable=SC2317 # await calls it
closed() {
	[ -z "$(opened "$1")" ]
}

# waits_for_source NAME: start a server and a client that waits for a silent source.
waits_for_source() {
	serve "$1" --listen=unix:s --source=file:fifo --stats=stats
	timeout 300 "$load" clients unix:s 1 requests=2 >out 2>err &
	client=$!
	pids="$pids $client"
	exec 7<>fifo
	# The process that opened it has it for a moment, too.
	while ! reopened && kill -0 "$client" 2>/dev/null; do sleep 0.02; done
}

# One process has it, in $holder, and that is not the one that opens it, which is the
# server's child.
reopened() {
	holder=$(opened fifo)
	[ "$(echo "$holder" | wc -w)" = 1 ] &&
		! pgrep -P "$pid" | grep -qx "$holder"
}

# ------------------------------------------------------------------- options

run "$server" --version
[ "$status" = 0 ] && grep -q '^egd-server [0-9]' out && [ ! -s err ]
ok $? "the version is on stdout, with status 0"
run "$server" --help
[ "$status" = 0 ] && grep -q -e --listen out && [ ! -s err ]
ok $? "help is on stdout, with status 0"

run "$server"
refused 64 "--listen: give one" "a place to listen is asked for"
run "$server" --listen=unix:s --nonsense
refused 64 "--nonsense" "an unknown option is named"
run "$server" --listen=unix:s surplus
refused 64 "surplus" "a surplus word is named"
for where in "" s unix: tcp:x tcp:host:1 tcp:65536; do
	run "$server" --listen="$where"
	refused 64 "write" "--listen='$where' is refused with what to write"
done
for option in max-clients=0 max-clients=x max-clients=1000001 max-bytes=0 \
	max-bytes=0x10 idle-timeout=-1 idle-timeout=1s; do
	run "$server" --listen=unix:s --$option
	refused 64 "--$option: not a number from" \
		"--$option is refused with the range"
done
run "$server" --listen=unix:s --period=10
refused 64 "--period: needs --max-bytes" "a period limits nothing alone"
for mode in 8 1777 x ""; do
	run "$server" --listen=unix:s --mode=$mode
	refused 64 "--mode: not an octal number" "--mode=$mode is refused"
done
run "$server" --listen=unix:s --owner=no-such-user
refused 64 "is no user or group" "an owner that there is not is refused"
names_sources "$server" --listen=unix:s
run "$server" --listen=unix:s --source=file:missing
refused 1 "No such file" "a missing source is refused at the start"
[ ! -e s ]
ok $? "nothing refused left a socket behind"

# ------------------------------------------------------------------- sockets

serve a --listen=unix:s --mode=0640
[ "$(stat -c %a s)" = 640 ]
ok $? "a socket has its mode"
run "$server" --listen=unix:s
refused 1 "somebody is listening there" "a path where somebody listens is refused"
for signal in TERM INT; do
	finish $signal
	[ "$status" = 0 ] && [ ! -e s ]
	ok $? "SIG$signal ends it with status 0, its socket removed"
	serve a --listen=unix:s
done
finish KILL
[ -S s ] && serve a --listen=unix:s
ok $? "a socket file that nobody listens on is replaced"
finish TERM
: >s
run "$server" --listen=unix:s
refused 1 "is no socket" "a path that is no socket is refused"
rm s
run "$server" --listen=unix:missing/s
refused 1 "No such file" "a path in no folder is refused"

serve a --listen=tcp:0 --listen=unix:s
port=$(sed -n 's/.*tcp:127.0.0.1:\([0-9]*\),.*/\1/p' a.log)
timeout 300 "$load" clients "tcp:127.0.0.1:$port" 2 requests=3 >out 2>err
status=$?
ok $status "TCP is served, on the loopback, next to a Unix socket"
run "$server" --listen="tcp:$port"
refused 1 "somebody is listening there" "a port where somebody listens is refused"
finish TERM

# As systemd does it: the socket is number 3, and the number of the process
# that is meant is told.
# shellcheck disable=SC2016 # perl's
perl -MSocket -MPOSIX -e '
	$^F = 9; # those are kept open
	socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
	bind($s, pack_sockaddr_un("s")) or die;
	listen($s, 8) or die;
	POSIX::dup2(fileno($s), 3) if fileno($s) != 3;
	$ENV{LISTEN_FDS} = 1;
	$ENV{LISTEN_PID} = $$;
	exec { $ARGV[0] } @ARGV;' "$server" >activated.log 2>&1 &
pid=$!
pids="$pids $pid"
await grep -q 'listening on fd 3' activated.log
ask 2 requests=3
ok "$status" "a socket that systemd made is served"
finish TERM
[ "$status" = 0 ] && [ -S s ]
ok $? "and it is left in its place at the end"
rm -f s
LISTEN_FDS=1 LISTEN_PID=1 timeout $patience "$server" >out 2>err </dev/null
status=$?
refused 64 "--listen: give one" "sockets meant for another process are not taken"

# ------------------------------------------------------------------- clients

serve crowd --listen=unix:s --stats=stats
ask 1000 requests=20
[ "$status" = 0 ] && [ "$(value served)" = 1000 ]
ok $? "a thousand clients are all served"
confined "$pid" crowd.log
ask 1000 requests=200 ahead=64
[ "$status" = 0 ] && [ "$(value served)" = 1000 ]
ok $? "a thousand clients that ask ahead are all served"
ask 50 requests=100 slow=20
[ "$status" = 0 ] && [ "$(value served)" = 50 ]
ok $? "clients that never read hold up nobody"
kill -USR1 "$pid"
await test -s stats
[ "$(counter clients_accepted_total)" = 2070 ] &&
	[ "$(counter bytes_total)" -ge $((255 * (20000 + 200000 + 5000))) ]
ok $? "SIGUSR1 writes the statistics"
[ "$(grep -c '^# TYPE' stats)" = 18 ] && ! grep -q '^# EOF' stats &&
	! grep -vE '^# (TYPE|HELP) |^egd_server_[a-z_]+(\{version="[^"]*"\})? [0-9]+$' stats
ok $? "statistics have Prometheus's text format"
finish TERM
[ "$status" = 0 ]
ok $? "it ends with status 0 after all that"

# Some 30 turns every 4 ms, for 400 who wait: no one gets ahead of the others by
# more than what is under way.
serve scarce --listen=unix:s --max-bytes=200000 --period=100
# On a busy machine it takes longer until each has got something.
for seconds in 3 15 60; do
	ask 400 seconds=$seconds ahead=8
	[ "$status" != 0 ] || [ "$(value replies_least)" -lt 1 ] || break
done
[ "$status" = 0 ] && [ "$(value served)" = 400 ] &&
	[ "$(value replies_least)" -ge 1 ] &&
	[ "$(value replies_most)" -le $(($(value replies_least) + 4)) ]
ok $? "what is scarce is shared alike"
finish TERM

serve few --listen=unix:s --max-clients=5 --max-per-peer=5 --stats=stats
ask 8 requests=1
[ "$status" = 1 ]
ok $? "clients beyond the limit are sent away"
grep -q 'client refused: there are 5 already' few.log
ok $? "which is said"
# The server notices their end a moment later.
# shellcheck disable=SC2317 # called by await
serves_five() {
	ask 5 requests=10
	[ "$status" = 0 ]
}
await serves_five
ok $? "others can come when those have gone"
finish TERM
[ "$(counter clients_refused_total)" -ge 1 ]
ok $? "and it is counted"

serve fair --listen=unix:s --max-clients=8
ask 7 requests=1
[ "$status" = 1 ] &&
	grep -q "client refused: uid $(id -u) has 6 connections already" fair.log
ok $? "no user has all places by default, which is said"
finish TERM

run "$server" --listen=unix:s --openmetrics
refused 64 "--openmetrics: needs --stats" "--openmetrics alone is refused"
run "$server" --listen=unix:s --stats=unix:m
refused 64 "write ./unix:m" "--stats=unix: is told to be for files alone"

serve idle --listen=unix:s --idle-timeout=1
start=$(date +%s%N)
perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
	connect($s, pack_sockaddr_un("s")) or die;
	alarm 60; exit !defined sysread($s, my $byte, 1)'
status=$?
ms=$((($(date +%s%N) - start) / 1000000))
[ "$status" = 0 ] && [ "$ms" -ge 900 ]
ok $? "a client that asks for nothing is dropped when its time is up"
await grep -q 'client dropped: it was idle' idle.log
ok $? "which is said, too"
finish TERM

# It opens its source for its first client, and closes it after the last. The process has
# a socket to the server, and one to the process that opens the file.
mkfifo fifo
waits_for_source dry
[ -n "$holder" ] && [ "$holder" != "$pid" ] &&
	[ "$(find /proc/"$holder"/fd -lname 'socket:*' | wc -l)" = 2 ]
ok $? "a source is opened by a process that has no client's socket"
head -c 20000 /dev/zero >&7
exec 7>&-
ended "$client"
ok $status "a client waits for a source that has nothing yet"
await closed fifo
ok $? "a source is closed when nobody is there"
finish TERM

# memory: of the server, resident, in KiB.
memory() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"
}

# shellcheck disable=SC2317 # called by await
answers() {
	perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
		connect($s, pack_sockaddr_un("s")) or die;
		syswrite($s, "\0"); alarm 60;
		exit !(sysread($s, my $level, 4) // 0)'
}

# Each had taken 0.6 KiB for ever.
exec 7<>fifo
serve gone --listen=unix:s --listen=tcp:0 --source=file:fifo --stats=stats
port=$(sed -n 's/.*tcp:127.0.0.1:\([0-9]*\).*/\1/p' gone.log)
"$load" leave unix:s 500 && "$load" leave "tcp:127.0.0.1:$port" 500
await answers
before=$(memory)
"$load" leave unix:s 3000 && "$load" leave "tcp:127.0.0.1:$port" 3000
await answers
ok $? "after 7,000 clients that asked a dry source and left, the next one is served"
if grep -q 'without its sandbox' gone.log; then
	skip "they left nothing in memory" "a sanitizer keeps what was freed"
else
	# 2,048 places take 1.2 MiB if all are taken at a time, on a machine that is
	# busy; what 6,000 clients took was three times as much.
	[ "$(memory)" -le $((before + 1300)) ]
	ok $? "they left nothing in memory"
fi
finish TERM
exec 7>&-

# The source takes longer to start than a non-blocking read may take.
serve slow --listen=unix:s --source="exec:sleep 0.1; exec cat /dev/zero"
perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
	connect($s, pack_sockaddr_un("s")) or die;
	syswrite($s, "\1\377"); alarm 60;
	sysread($s, my $n, 1); exit !ord $n'
ok $? "the first non-blocking read waits for the bytes of a source that has just been opened"
finish TERM

exec 7<>fifo
serve never --listen=unix:s --source=file:fifo
perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
	connect($s, pack_sockaddr_un("s")) or die;
	syswrite($s, "\1\377"); alarm 60;
	my $got = sysread($s, my $n, 1); exit($got != 1 || ord $n)'
ok $? "and is told that there are none if there are none"
finish TERM
exec 7>&-

# Its supervisor starts it again, and the client that waits gets its bytes.
waits_for_source again
kill -KILL "$holder"
await reopened
head -c 20000 /dev/zero >&7
ended "$client"
ok "$status" "a process that reads the source and is killed is started again"
grep -q "the source's process has ended (signal 9); it is started again" again.log
ok $? "which is said"
finish TERM
[ "$(counter source_restarts_total)" = 1 ] && [ "$(counter source_down)" = 0 ]
ok $? "and counted"
exec 7>&-

waits_for_source orphan
supervisor=$(ps -o ppid= -p "$holder" | tr -d ' ')
kill -KILL "$supervisor" "$holder"
await gone "$pid" || kill -KILL "$pid"
ended "$pid"
[ "$status" = 1 ] && [ ! -e s ] &&
	grep -q "the source's process has ended" orphan.log
ok $? "without its supervisor, too, it ends, and says why"
exec 7>&-

# ask_again: has the client that was there before take 16 bytes once more.
ask_again() {
	asked=$((asked + 1))
	echo >&7
	await has_told
}
# shellcheck disable=SC2317 # called by await
has_told() {
	[ "$(wc -l <told)" = "$asked" ]
}
# dropped: how often bytes were. That there is a sign counts once: nobody watched before.
dropped() {
	grep -c 'this host was cloned' later.log
}
# shellcheck disable=SC2317 # called by await
has_dropped() {
	[ "$(dropped)" = "$1" ]
}
# read_ahead_is_gone: of a stream that anybody can compute, the last answer does not
# follow the one before. The reference is what another server gives, which holds nothing
# back.
read_ahead_is_gone() {
	serve reference --listen=unix:s --source="$source"
	perl -MSocket -e '
		socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
		connect($s, pack_sockaddr_un("s")) or die;
		my ($stream, $n) = ("", 1);
		for (1 .. 4000) {
			syswrite($s, "\2\377");
			my $end = length($stream) + 255;
			while ($n && length $stream < $end) {
				$n = sysread($s, $stream, $end - length $stream,
					length $stream);
			}
		}
		my ($before, $last) = (map { chomp; pack "H*", $_ } <STDIN>)[-2, -1];
		my $at = index($stream, $before);
		die "the answer is not of the stream\n" if $at < 0;
		exit(substr($stream, $at + 16, 16) eq $last)' <told 2>err
	found=$?
	finish TERM
	return $found
}
mkfifo tell
# A source that this process reads, and one that has a process of its own.
for source in "drbg:seed=$(printf %064d 1)" file:/dev/urandom; do
	takes_up_a_page "$server" --listen=unix:s --source="$source"
	perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
		connect($s, pack_sockaddr_un("s")) or die;
		$| = 1;
		while (<STDIN>) {
			syswrite($s, "\2\20");
			my ($got, $n) = ("", 0);
			do { $n = sysread($s, $got, 16 - length $got,
				length $got) } while $n && length $got < 16;
			print unpack("H*", $got), "\n";
		}' <tell >told 2>err &
	client=$!
	pids="$pids $client"
	exec 7>tell
	asked=0
	# The line about what was dropped for an answer comes after that answer, and
	# before the next one.
	ask_again && ask_again
	before=$(dropped)
	ask_again && has_dropped "$before"
	ok $? "nothing is dropped while it does not change (${source%%:*})"
	page_of 2
	ask_again && await has_dropped $((before + 1))
	ok $? "and what is held is dropped when it does (${source%%:*})"
	exec 7>&-
	ended "$client"
	finish TERM
	[ "${source%%:*}" = drbg ] || continue
	read_ahead_is_gone
	ok $? "bytes that were read before are not given after it"
done

spares_all_but_files "$server" --listen=unix:s
outlives_its_file_helper s "$server" --listen=unix:s
[ -z "$(find . -name 'stats.*')" ]
ok $? "no half-written statistics are left"
done_testing
