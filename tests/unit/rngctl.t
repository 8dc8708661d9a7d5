#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rngctl, the socket behind it, what systemd is told, and the end of rngd's other
# process. TAP on stdout; B names the folder of built programs. As root all of it
# runs; without, what needs a second process is skipped.
# shellcheck disable=SC2016 # programs in other languages

B=${B:-build}
rngd=$(realpath "$B/rngd/rngd") || exit 1
rngctl=$(realpath "$B/rngd/rngctl") || exit 1
LC_ALL=C
export LC_ALL

tmp=$(mktemp -d) || exit 1
pids=
trap 'for pid in $pids; do kill -9 "$pid" 2>/dev/null; done; rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
cd "$tmp" || exit 1

n=0
failed=0

ok()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
		return
	fi
	failed=1
	echo "not ok $n - $2"
	sed 's/^/# out: /' out | head -n 20
	sed 's/^/# err: /' err log | head -n 20
	echo "# status: $status"
}

skip()
{
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# Until COMMAND... succeeds, at most 20 s.
await()
{
	tries=0
	until "$@" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 1000 ] || return 1
		sleep 0.02
	done
}

# shellcheck disable=SC2317 # called by await
gone()
{
	! kill -0 "$1"
}

ctl()
{
	timeout 25 "$rngctl" -s "$tmp/sock" "$@" >out 2>err
	status=$?
}

refused()
{
	[ "$status" = "$1" ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] &&
		grep -qF -e "$2" err
	ok $? "$3"
}

# talk BYTES: what the socket answers to them.
talk()
{
	timeout 25 perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new(Peer => "sock") or exit 1;
		syswrite $s, $ARGV[0]; print while <$s>' "$1" >out 2>err
	status=$?
}

: >log
: >err
status=0
timeout 5 "$rngctl" >out 2>err
status=$?
refused 64 "one command is wanted" "rngctl without a command is usage"
ctl nosuch
refused 64 "one command is wanted" "an unknown command is usage"
ctl status more
refused 64 "one command is wanted" "and so is a second one"
ctl --nosuch
refused 64 "unknown option" "and an unknown option"
ctl -n 0 watch
refused 64 '"0" is not a number' "and no seconds to watch"
ctl status
refused 69 "cannot reach rngd" "no rngd to reach is told with what to do"
"$rngctl" --help >out 2>err && grep -q '^  reseed ' out
ok $? "help is on stdout"

# ---------------------------------------------------------------- a running one

mkfifo starved
exec 9<>starved
"$rngd" -f --control="$tmp/sock" -o file --source="file:$tmp/starved" \
	--source=getrandom --blocks=0 2>log &
pid=$!
pids=$pid
await test -S sock

[ "$(stat -c %a sock)" = 600 ]
ok $? "the socket is its owner's alone"
ctl status
grep -q "pid $pid, .* feeds file$" out && grep -q '^getrandom  *flows ' out &&
	grep -q "^file:$tmp/starved  *waits " out
ok $? "status is a table"
ctl --json status
perl -MJSON::PP -e '
	local $/; my $s = decode_json(<STDIN>);
	exit !($s->{pid} == $ARGV[0] && @{$s->{sources}} == 2 &&
		$s->{sources}[1]{name} eq "getrandom" &&
		$s->{sources}[1]{blocks_good} > 0 &&
		$s->{sources}[0]{bytes_received} == 0)' "$pid" <out
ok $? "and JSON"
ctl -j sources
perl -MJSON::PP -e 'local $/; exit !(@{decode_json(<STDIN>)} == 2)' <out
ok $? "sources are a JSON array"
ctl metrics
[ "$(tail -n 1 out)" = "# EOF" ] &&
	grep -q '^rngd_source_blocks_total{source="getrandom",verdict="good"} [1-9]' out &&
	grep -q "^rngd_source_state_info{source=\"file:$tmp/starved\",state=\"waits\"} 1$" out &&
	! grep -vE '^# (TYPE|UNIT|HELP) rngd_[a-z_]+ .+$|^# EOF$|^rngd_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.]+$' out
ok $? "metrics have the form of OpenMetrics"
[ "$(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' out | sort | uniq -d)" = "" ]
ok $? "each family once"
ctl -n 1 watch
[ $status = 0 ] && grep -q '^getrandom .*\[####' out
ok $? "watch shows what a second brought"
ctl reseed
[ $status = 0 ] && grep -q '^generation=[0-9]* fed_ms=[0-9]* done_ms=[0-9]*$' out
ok $? "reseed tells when it was done"

# ---------------------------------------------------------- what is no request

talk "nosuch
"
[ "$(cat out)" = "error unknown request" ]
ok $? "an unknown request is answered so"
talk "$(printf 'sta\001tus')
"
[ "$(cat out)" = "error not a request" ]
ok $? "and one that is not printable"
talk "$(printf '%0300d' 0)"
[ ! -s out ]
ok $? "one that is too long is hung up on"
timeout 25 perl -MIO::Socket::UNIX -e '
	my @s = map { IO::Socket::UNIX->new(Peer => "sock") or exit 1 } 1 .. 12;
	syswrite $_, "status" for @s[0 .. 7];
	close $_ for @s[0 .. 7];
	syswrite $s[11], "status\n"; my $fh = $s[11];
	my $n = 0; $n++ while <$fh>; exit !($n > 20)' 2>err
status=$?
[ $status = 0 ]
ok $? "twelve at once are served, though eight say half a request"
timeout 25 perl -e 'srand(20261122); print map { chr(int(rand(256))) } 1 .. 5000' >junk
perl -MIO::Socket::UNIX -e '
	local $/; open my $f, "<", "junk"; my $junk = <$f>;
	$SIG{PIPE} = "IGNORE";
	for my $i (0 .. 199) {
		my $s = IO::Socket::UNIX->new(Peer => "sock") or exit 1;
		syswrite $s, substr($junk, $i * 20, 1 + $i % 40) . "\n";
		1 while <$s>;
	}' 2>err
ctl status
[ $status = 0 ] && kill -0 $pid
ok $? "nothing of 200 requests of noise does it harm"
kill $pid
wait $pid
status=$?
[ $status = 0 ] && [ ! -e sock ]
ok $? "at the end the socket is gone"

# --------------------------------------------------------------------- systemd

perl -MIO::Socket::UNIX -MSocket -e '
	my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "notify") or
		exit 1;
	chmod 0777, "notify";
	$| = 1; my $m;
	while (defined $s->recv($m, 4096)) { print "$m\n--\n";
		last if $m =~ /STOPPING/ }' >told 2>err &
listener=$!
pids="$pids $listener"
await test -S notify
NOTIFY_SOCKET=$tmp/notify WATCHDOG_USEC=200000 "$rngd" -f --control=none \
	-o file -r "$tmp/starved" 2>log &
pid=$!
pids="$pids $pid"
await grep -q WATCHDOG=1 told && ! grep -q READY=1 told
ok $? "systemd is told of life, and not of readiness before there is a block"
head -c 2600 /dev/urandom >&9
await grep -q READY=1 told && grep -q '^STATUS=1 sources, ' told
ok $? "but after it"
kill $pid
wait $pid
status=$?
await grep -q STOPPING=1 told && [ $status = 0 ]
ok $? "and of the end"

# ------------------------------------------------------------- two processes

if [ "$(id -u)" != 0 ]; then
	skip "the end of the privileged process is an end with a status" root
	skip "hooks run" root
else
	"$rngd" -f --control=none -o /dev/random --source=getrandom 2>log &
	pid=$!
	pids="$pids $pid"
	await grep -q 'first good block' log
	helper=$(cat "/proc/$pid/task/$pid/children")
	kill -9 "$helper"
	await gone $pid
	wait $pid
	status=$?
	[ $status = 74 ] && grep -q 'privileged process has ended' log
	ok $? "the end of the privileged process is an end with a status"

	mkdir hooks
	printf '#!/bin/sh\necho "$VRNG_REASON $VRNG_FRESH $(id -u)" >%s/ran\n' \
		"$tmp" >hooks/one
	printf '#!/bin/sh\nexec sleep 1000\n' >hooks/dot.ted
	chmod 755 hooks/*
	"$rngd" -f --control="$tmp/sock" --fork-hooks="$tmp/hooks" -o file \
		-r "$tmp/starved" 2>log &
	pid=$!
	pids="$pids $pid"
	await test -S sock
	: >asking
	while [ -e asking ]; do
		head -c 5000 /dev/urandom >&9
		sleep 0.1
	done &
	ctl reseed --fork
	rm asking
	[ $status = 0 ] && [ "$(cat ran)" = "fork yes 0" ] &&
		grep -q '1 hooks run, 0 failed' log
	ok $? "hooks run as root, once there is fresh entropy, and only programs"
	kill $pid
	wait $pid
fi

echo "1..$n"
exit $failed
