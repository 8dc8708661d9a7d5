#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# vhost-user-rng as its users meet it: what it refuses and how, exit statuses,
# sockets, signals, files. TAP on stdout; B names the folder of built programs.
# Runs with root or without, touches nothing outside its own folder.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=host.sh
. "$top/tests/unit/host.sh"
speaker=vhost-user-rng
device=$(program tests/device/vhost-user-rng) || exit 1

# says COUNT TEXT NAME: so often, or more often, it has been said.
# shellcheck disable=SC2317 # await calls it
says() {
	[ "$(grep -c "$2" "$3.log")" -ge "$1" ]
}

# speaks NAME SOCKET: begins a front end that asks for the features (GET_FEATURES) when
# it has connected, and again at each line that it reads from NAME.ask. Its log has a
# line for each answer. A device that is a client says nothing, and the one that listens
# drops it after ten seconds.
speaks() {
	mkfifo "$1.ask"
	# shellcheck disable=SC2016 # perl's
	begin_as "$1" perl -MIO::Socket::UNIX -e '
		alarm 600;
		$| = 1;
		my $peer = IO::Socket::UNIX->new(shift) or die;
		open my $asked, "+<", shift or die;
		do {
			my $got = "";
			$peer->syswrite(pack("LLL", 1, 1, 0));
			while (length $got < 20) {
				$peer->sysread($got, 20 - length $got,
					length $got) or die;
			}
			print "answered\n";
		} while (<$asked>);' "$2" "$1.ask"
}

# ------------------------------------------------------------------- options

run "$device" --version
[ "$status" = 0 ] && grep -q '^vhost-user-rng [0-9]' out && [ ! -s err ]
ok $? "the version is on stdout, with status 0"

run "$device" --help
[ "$status" = 0 ] && grep -q -e --socket-path out && [ ! -s err ]
ok $? "help is on stdout, with status 0"

run "$device" --print-capabilities
[ "$status" = 0 ] && [ "$(tr -d ' \n' <out)" = '{"type":"rng"}' ]
ok $? "capabilities are JSON that names the type"

run "$device"
refused 64 "--socket-path, --socket-dir, --fd: give one of them" "a socket is asked for"
run "$device" --socket-path=s --fd=3
refused 64 "give one of them" "two sockets are refused"
run "$device" --fd=3 --client
refused 64 "--client: needs --socket-path" "a client needs a path"
run "$device" --socket-path=s --period=5
refused 64 "--period: needs --max-bytes" "a period limits nothing alone"
run "$device" --socket-path=s --nonsense
refused 64 "--nonsense" "an unknown option is named"
run "$device" --socket-path=s surplus
refused 64 "surplus" "a surplus word is named"
for value in 0 -1 "" 1k 99999999999999999999 " 1" 0x10; do
	run "$device" --socket-path=s --max-bytes="$value"
	refused 64 "--max-bytes=$value: not a number from 1" \
		"--max-bytes='$value' is refused with the range"
done
run "$device" --socket-path=s --max-bytes=1 --period=86400001
refused 64 "--period=86400001: not a number from 1 to 86400000" \
	"a period of more than a day is refused"
for fault in zero:after "" nonsense short:len=0 delay; do
	run "$device" --socket-path=s --fault=huge --fault="$fault"
	refused 64 "--fault=$fault: " "--fault='$fault' is refused"
done
[ ! -e s ]
ok $? "nothing refused left a socket behind"

(cd "$top" && make -s install-device DESTDIR="$tmp/root" PREFIX=/usr) &&
	perl -MJSON::PP -e 'my $j = decode_json(join "", <>);
		exit !($j->{type} eq "rng" &&
			$j->{binary} eq "/usr/bin/vhost-user-rng")' \
		root/usr/share/qemu/vhost-user/50-vhost-user-rng.json
ok $? "its manifest is installed where QEMU looks, and is JSON"

# Takes 5 s, looked at last.
begin_as alone "$device" --socket-path=nobody --client
alone=$pid

begin_as liar "$device" --socket-path=liar --fault=zero:after=3 --fault=drop
await says 2 'errs on purpose' liar
ok $? "one that errs on purpose says so"
finish TERM

# ------------------------------------------------------------------- sources

run "$device" --socket-path=s --source=file:missing
refused 1 "No such file" "a missing source is refused at the start"
names_sources "$device" --socket-path=s
[ ! -e s ]
ok $? "a source that is refused leaves no socket behind"

secret=00000000000000000000000000000000000000000000000000000000000000aa
begin_as a "$device" --socket-path=s --source=drbg:seed=$secret
await grep -q '^vhost-user-rng: listening on s, source drbg' a.log
ok $? "it says what it listens on and what its source is"
! grep -q $secret a.log
ok $? "a seed is not shown"

# ------------------------------------------------------------------- sockets

run "$device" --socket-path=s
refused 1 "somebody is listening there" "a path where somebody listens is refused"
[ -S s ] && ! gone "$pid"
ok $? "and the one who listens is left alone"

finish KILL
[ -S s ]
begin_as a "$device" --socket-path=s
await grep -q listening a.log
ok $? "a socket file that nobody listens on is replaced"

for signal in TERM INT; do
	finish $signal
	[ "$status" = 0 ] && [ ! -e s ]
	ok $? "SIG$signal ends it with status 0, its socket removed"
	begin_as a "$device" --socket-path=s
	await grep -q listening a.log
done

mv s moved
: >s
finish TERM
[ -f s ] && [ "$status" = 0 ]
ok $? "a file that took the socket's place is not removed"
run "$device" --socket-path=s
refused 1 "is no socket" "a path that is no socket is refused"
rm -f s moved
run "$device" --socket-path=missing/s
refused 1 "No such file" "a path in no folder is refused"
run "$device" --socket-path="$(printf %0200d 0)"
refused 64 "--socket-path: socket path: 200 characters" \
	"a path that is too long is refused"
run "$device" --socket-path=s --openmetrics
refused 64 "--openmetrics: needs --stats" "--openmetrics alone is refused"
run "$device" --socket-path=s --stats="unix:$(printf %0200d 0)"
refused 64 "--stats: socket path: 200 characters" \
	"a path of the statistics' socket that is too long is refused"
run "$device" --fd=0 </dev/null
refused 1 "fd 0" "a descriptor that is no socket is refused"
run "$device" --fd=77
refused 1 "fd 77" "a descriptor that is not there is refused"

# inetd's way: the socket is number 0. Whom it forks has no part in that.
# shellcheck disable=SC2016 # perl's
perl -MSocket -MPOSIX -e '
	socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
	bind($s, pack_sockaddr_un("zero")) && listen($s, 8) or die;
	POSIX::dup2(fileno($s), 0);
	exec { $ARGV[0] } @ARGV;' "$device" --fd=0 --source=file:/dev/zero \
	>zero.log 2>&1 &
pid=$!
pids="$pids $pid"
await grep -q 'serving fd 0' zero.log
# shellcheck disable=SC2317 # await calls it
is_apart() {
	forked=$(pgrep -P "$pid")
	for process in $forked; do
		[ "$(readlink "/proc/$process/fd/0")" = /dev/null ] || return 1
	done
	[ -n "$forked" ]
}
await is_apart
ok $? "a guest's socket as standard input is no one else's"
finish TERM
rm -f zero

# As systemd does it: sockets from number 3 on, the process that is meant, and where to
# tell that the service is ready.
# shellcheck disable=SC2016 # perl's
perl -MSocket -MPOSIX -e '
	$^F = 9; # those are kept open
	my $count = shift;
	for my $i (0 .. $count - 1) {
		socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
		bind($s, pack_sockaddr_un("passed$i")) && listen($s, 8) or die;
		POSIX::dup2(fileno($s), 10 + $i);
	}
	POSIX::dup2(10 + $_, 3 + $_) for 0 .. $count - 1;
	socket(my $notices, AF_UNIX, SOCK_DGRAM, 0) or die;
	bind($notices, pack_sockaddr_un("notices")) or die;
	if (!fork) {
		alarm 600;
		open my $log, ">", "notices.log" or die;
		$log->autoflush;
		while (defined recv $notices, my $line, 512, 0) {
			print $log "$line\n";
			last if $line =~ /STOPPING/;
		}
		exit;
	}
	$ENV{NOTIFY_SOCKET} = getcwd() . "/notices";
	$ENV{LISTEN_FDS} = $count;
	$ENV{LISTEN_PID} = $$;
	exec { $ARGV[0] } @ARGV;' 2 "$device" >activated.log 2>&1 &
activated=$!
pids="$pids $activated"
await grep -q 'listening on passed1' activated.log
await grep -qx 'READY=1' notices.log
ok $? "systemd is told when it is ready"
begin_as guest "$device" --socket-path=passed1 --client
guest=$pid
await grep -q 'passed1: guest connected' activated.log
ok $? "a socket that systemd made is served, and has its path as name"
finish TERM "$guest"
finish TERM "$activated"
await grep -qx 'STOPPING=1' notices.log
ok $? "systemd is told that it ends"
[ -S passed0 ] && [ -S passed1 ]
ok $? "sockets of systemd are left in their place at the end"
rm -f passed0 passed1 notices
LISTEN_FDS=1 LISTEN_PID=1 timeout $patience "$device" >out 2>err </dev/null
status=$?
refused 64 "let systemd pass sockets" "sockets meant for another process are not taken"

begin_as access "$device" --socket-path=access.sock --group="$(id -g)" --mode=640
await grep -q 'listening on access.sock' access.log
[ "$(stat -c '%a %g' access.sock)" = "640 $(id -g)" ]
ok $? "a socket has its group and its mode"
finish TERM
run "$device" --socket-path=s --mode=9
refused 64 "--mode: not an octal number" "a mode that is none is refused"
run "$device" --socket-path=s --client --group=0
refused 64 "need a socket to listen on" "a socket of the front end has no mode"

# A device that connects is a front end that says nothing to one that listens.
begin_as client "$device" --socket-path=s --client
client=$pid
await grep -q 'connecting to s' client.log
begin_as server "$device" --socket-path=s --stats=stats
server=$pid
await grep -q 'guest connected' client.log &&
	await grep -q 'guest connected' server.log
ok $? "a client waits for whom it is to connect to"

kill -USR1 "$server"
await grep -qx 'vrng_device_connections_total{socket="s"} [1-9][0-9]*' stats
ok $? "SIGUSR1 writes the statistics"
[ "$(grep -c '^# TYPE' stats)" = 28 ] && ! grep -q '^# EOF' stats &&
	! grep -vE '^# (TYPE|HELP) |^vrng_device_[a-z_]+\{socket="s"(,version="[^"]*")?\} [0-9]+$|^vrng_devices_[a-z_]+\{process="s"\} [0-9]+$' stats
ok $? "statistics have Prometheus's text format"

confined "$server" server.log

begin_as second "$device" --socket-path=s --client
second=$pid
await grep -q 'guest connected' second.log
finish TERM "$client"
[ "$status" = 0 ]
ok $? "a client ends with status 0 as well"
# Dropped: on a machine where all this takes ten seconds, for its silence.
await says 2 'guest connected' server &&
	grep -q 'guest gone\|guest dropped' server.log
ok $? "the next guest is taken when the one before has gone"
finish TERM "$server"
await grep -q 'guest gone' second.log
before=$(grep -c 'guest connected' second.log)
begin_as server "$device" --socket-path=s
server=$pid
await says $((before + 1)) 'guest connected' second
ok $? "a client connects again"
finish KILL "$server"
finish TERM "$second"
find . -name 'stats.*' | grep -q .
[ $? = 1 ]
ok $? "no half-written statistics are left"

begin_as two "$device" --socket-path=one --socket-path=other --stats=unix:metrics
two=$pid
await says 2 listening two
speaks guest one
one=$pid
speaks guest2 other
await says 1 answered guest && await says 1 answered guest2 &&
	says 1 '^vhost-user-rng: one: guest connected' two &&
	says 1 '^vhost-user-rng: other: guest connected' two
ok $? "one process serves several sockets at a time"
finish TERM "$one"
await grep -q 'one: guest gone' two.log
echo >guest2.ask
await says 2 answered guest2 && ! grep -q 'other: guest gone' two.log
ok $? "one guest's end is not another's"
perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new("metrics") or die;
	print while <$s>' >metrics.out
grep -qx 'vrng_device_connections_total{socket="other"} 1' metrics.out &&
	grep -qx '# TYPE vrng_device_connections_total counter' metrics.out
ok $? "who connects to the statistics' socket is given them"
finish TERM "$two"
[ "$status" = 0 ] && [ ! -e one ] && [ ! -e other ] && [ ! -e metrics ]
ok $? "all its sockets are removed at the end"
finish TERM
run "$device" --socket-path=one --socket-path=one
refused 64 "one: given twice" "the same socket twice is refused"
begin_as taken "$device" --socket-path=one
await grep -q listening taken.log
run "$device" --socket-path=other --socket-path=one
refused 1 "somebody is listening there" "one socket that is taken is enough to refuse"
[ ! -e other ]
ok $? "and the other sockets are not left behind"
finish TERM

takes_up_a_page "$device" --socket-path=t
finish TERM

spares_all_but_files "$device" --socket-path=t
outlives_its_file_helper t "$device" --socket-path=t
run "$device" --socket-path=t --stats=missing/stats --source=file:missing
refused 1 "No such file" "one line is enough for one reason"

ended "$alone"
[ "$status" = 1 ] && [ "$(grep -vc 'without its sandbox' alone.log)" = 2 ] &&
	grep -q 'nobody: cannot connect for 5 s: No such file' alone.log
ok $? "a client that finds nobody gives up after 5 s, saying why"

done_testing
