#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rngctl, rngd's control socket, its notifications to systemd, and the end of its
# privileged process. Cases that need that process are skipped unless root runs them.
# TAP on stdout; B names the folder of built programs.
# shellcheck disable=SC2016 # programs in other languages

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
speaker=rngctl
rngd=$(program rngd/rngd) || exit 1
rngctl=$(program rngd/rngctl) || exit 1

# A later -s counts.
ctl() {
	timeout $patience "$rngctl" -s "$tmp/sock" "$@" >out 2>err
	status=$?
}

# talk BYTES: sends them to the socket; the answer goes to out.
talk() {
	timeout $patience perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new(Peer => "sock") or exit 1;
		syswrite $s, $ARGV[0]; print while <$s>' "$1" >out 2>err
	status=$?
}

run "$rngctl"
refused 64 "a command is missing: status," "rngctl without a command is usage"
ctl nosuch
refused 64 "nosuch: no such command; give one of status," \
	"an unknown command is usage"
ctl status more
refused 64 "more: one command too many" "two commands are usage"
for args in "status --fork" "watch --json" "metrics --json" "sources --count=3" \
	"reseed --count=3" "status --openmetrics" "reseed --timeout=3"; do
	# shellcheck disable=SC2086 # words
	ctl $args
	option=${args#* }
	refused 64 "${option%=*}: ${args%% *} does not take it" \
		"an option that the command does not take is usage: $args"
done
ctl --nosuch
refused 64 "unknown option" "an unknown option is usage"
ctl -n 0 watch
refused 64 '"0" is not a number' "an interval of 0 seconds is usage"
ctl wait-fresh --timeout=-1
refused 64 '--timeout: "-1" is not a number' "a time below 0 is usage"
ctl wait-fresh
refused 69 "cannot reach rngd" "without rngd nothing is fresh"
ctl status
refused 69 "cannot reach rngd" "without rngd the message says what to do"
run "$rngctl" selftest
[ "$status" = 0 ] && [ ! -s err ] && ! grep -q FAILED out &&
	grep -q '^FIPS 140-2, portable  *passed$' out &&
	grep -q '^health tests  *passed$' out && grep -q '^HMAC-SHA-256  *passed$' out
ok $? "selftest needs no rngd that runs, and names what passed"
mkdir alone
cp "$rngctl" alone
run alone/rngctl selftest
refused 69 "alone/rngd: No such file or directory; selftest is done by rngd" \
	"selftest needs the program rngd beside rngctl"
rm -r alone
for args in -s --count "status -x"; do
	# shellcheck disable=SC2086 # words
	run "$rngctl" $args
	refused 64 "; see rngctl --help" "$args is usage"
done
"$rngctl" --help >out 2>err && grep -q '^  reseed ' out
ok $? "help is on stdout"

# ---------------------------------------------------------------- a running one

mkfifo starved
exec 9<>starved
begin_as rngd "$rngd" -f --control="$tmp/sock" -o file \
	--source="file:$tmp/starved" --source=getrandom --blocks=0
await test -S sock

[ "$(stat -c %a sock)" = 600 ]
ok $? "only its owner can use the socket"
# The sources are opened after the socket.
# shellcheck disable=SC2317 # called by await
shows_states() {
	ctl status
	grep -q '^getrandom  *flows ' out &&
		grep -q "^file:$tmp/starved  *waits " out
}
await shows_states && grep -q "pid $pid, .* feeds file$" out
ok $? "status is a table"
# getrandom can be the source that is waited for, for a moment.
# shellcheck disable=SC2317 # called by await
shows_waiting() {
	ctl status
	grep -q "^  waiting for file:$tmp/starved: 0 of 2504 bytes$" out
}
await shows_waiting
ok $? "status says what is waited for"
ctl --json status
perl -MJSON::PP -e '
	local $/; my $s = decode_json(<STDIN>);
	exit !($s->{pid} == $ARGV[0] && @{$s->{sources}} == 2 &&
		$s->{sources}[1]{name} eq "getrandom" &&
		$s->{sources}[1]{blocks_good} > 0 &&
		$s->{sources}[0]{bytes_received} == 0)' "$pid" <out
ok $? "status is JSON with --json"
perl -MJSON::PP -e '
	local $/; my $s = decode_json(<STDIN>);
	for my $l ($s, @{$s->{sources}}) {
		exit 1 unless $l->{bits_credited} <= $l->{bits_claimed} &&
			$l->{bits_claimed} <= 8 * $l->{bytes_received} &&
			$l->{bytes_repeated} <= $l->{bytes_failed} &&
			$l->{bytes_failed} <= $l->{bytes_tested} &&
			$l->{bytes_tested} <= $l->{bytes_received} &&
			defined $l->{bytes_conditioned} &&
			defined $l->{bytes_credited};
	}
	exit !($s->{sources}[1]{no_credit} =~ /own generator/ &&
		$s->{sources}[1]{bytes_tested} >= 2500)' <out
ok $? "JSON has the ledger of each source, and why one gets no credit"
ctl status
grep -q '^LEDGER' out && grep -q '^all, and removed ones  *[1-9]' out &&
	grep -q '^  getrandom: no credit: is the kernel.s own generator$' out
ok $? "status has the ledger, and why a source gets no credit"
ctl -j sources
perl -MJSON::PP -e 'local $/; exit !(@{decode_json(<STDIN>)} == 2)' <out
ok $? "sources are a JSON array"
ctl metrics
! grep -q '^# EOF' out &&
	grep -q '^rngd_source_blocks_total{source="getrandom",verdict="good"} [1-9]' out &&
	grep -q "^rngd_source_state{source=\"file:$tmp/starved\",state=\"waits\"} 1$" out &&
	! grep -vE '^# (TYPE|HELP) rngd_[a-z_]+ .+$|^rngd_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.]+$' out
ok $? "metrics have Prometheus's text format"
[ "$(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' out | sort | uniq -d)" = "" ]
ok $? "each family of metrics comes once"
ctl --openmetrics metrics
[ "$(tail -n 1 out)" = "# EOF" ] &&
	grep -qx '# TYPE rngd_source_blocks counter' out
ok $? "metrics have the format of OpenMetrics with --openmetrics"
ctl -n 1 watch
[ $status = 0 ] && grep -q '^getrandom .*\[####' out
ok $? "watch shows the bytes of one second"
grep -qxF -e "$(head -n 1 out)" "$top/man/pictures/watch.pic"
ok $? "the picture of README has its columns; otherwise, make pictures"
ctl wait-fresh
refused 69 "rngd refuses: rngd feeds file: nothing is credited to the kernel" \
	"where a file is fed nothing becomes fresh"
talk "wait-fresh 1s
"
grep -q '^error wait-fresh: "1s" is not a number' out
ok $? "a time that is no number is refused"
ctl status
grep -q '^  VM forks are noticed by [a-z]' out ||
	grep -q '^  nothing shows VM forks: ' out
ok $? "status names what shows VM forks, or says that nothing does"
ctl metrics
[ "$(grep -c '^rngd_fork_sign{sign="[a-z_-]*"} [01]$' out)" = 3 ]
ok $? "and so do the metrics"
ctl reseed
[ $status = 0 ] && grep -q '^generation=[0-9]* fed_ms=[0-9]* done_ms=[0-9]*$' out
ok $? "reseed prints when it was done"

# However slow the machine is, a fork takes less than ten seconds.
forks=0
while ctl reseed --fork && [ $status = 0 ] && [ $forks -lt 20 ]; do
	forks=$((forks + 1))
done
[ $forks = 6 ]
refused 69 "rngd refuses: too many in a minute; try again in " \
	"the seventh VM fork that is reported within a minute is refused"
[ "$(grep -c "reported by process [0-9]* of user $(id -u)\$" rngd.log)" = 6 ]
ok $? "the log has who reported a VM fork"

# ------------------------------------------------------------- names of any bytes

# A newline, quotes, a backslash, and a byte that is no UTF-8, in the name of a source.
fed=$pid
mkfifo "$(printf 'a\nb "\\\377')"
begin_as named "$rngd" -f --control="$tmp/named" -o none \
	--source="$(printf 'file:a\nb "\\\377')" \
	--source="drbg:seed=$(printf %064d 1)" --source="drbg:seed=$(printf %064d 2)"
await test -S named
ctl -s "$tmp/named" metrics
grep -qxF 'rngd_source_failures_total{source="file:'"$tmp"'/a\nb \"\\\\xff"} 0' out &&
	! grep -vE '^# (TYPE|HELP) |^rngd_[a-z_]+(\{([a-z]+="([^"\\]|\\[n"\\])*",?)+\})? [0-9.]+$' out
ok $? "a newline in the name of a source breaks no metric"
[ -z "$(grep -v '^#' out | sed 's/ [^ ]*$//' | sort | uniq -d)" ] &&
	grep -qxF 'rngd_source_failures_total{source="drbg:seed=...",nth="2"} 0' out
ok $? "two sources that print the same name have series of their own"
ctl -s "$tmp/named" --json sources
perl -MJSON::PP -e '
	local $/; my $s = decode_json(<STDIN>);
	exit !(@$s == 3 && $s->[0]{name} eq "file:$ARGV[0]/a\nb \"\\\\xff")' "$tmp" <out
ok $? "JSON has the name, as UTF-8"
ctl -s "$tmp/named" sources
grep -qF "/a?b \"\\" out && [ "$(wc -l <out)" = 4 ]
ok $? "the table has a line for each source all the same"
finish TERM
pid=$fed

# ------------------------------------------------------------- a reseed that fails

fed=$pid
begin_as dry "$rngd" -f --control="$tmp/dry" -o file --source="file:$tmp/starved"
await test -S dry
ctl -s "$tmp/dry" reseed
refused 75 "no source gave fresh entropy in time" \
	"a reseed without fresh entropy ends with status 75"
ctl -s "$tmp/dry" status
grep -q '^  VM forks 0 .*, reseeds failed 1, hooks run 0, failed 0$' out
ok $? "status says that it failed"
ctl -s "$tmp/dry" metrics
grep -qx 'rngd_reseeds_failed_total 1' out &&
	grep -qx 'rngd_reseed_requests_total 1' out
ok $? "and so do the metrics"
finish TERM
pid=$fed

# ---------------------------------------------------------- what is no request

talk "nosuch
"
[ "$(cat out)" = "error unknown request" ]
ok $? "an unknown request is an error"
talk "$(printf 'sta\001tus')
"
[ "$(cat out)" = "error not a request" ]
ok $? "an unprintable request is an error"
talk "$(printf '%0300d' 0)"
[ ! -s out ]
ok $? "the connection of a request that is too long is closed"
timeout $patience perl -MIO::Socket::UNIX -e '
	my @s = map { IO::Socket::UNIX->new(Peer => "sock") or exit 1 } 1 .. 12;
	$SIG{PIPE} = "IGNORE"; # the first of them may have lost their places
	syswrite $_, "status" for @s[0 .. 7];
	syswrite $s[11], "status\n"; my $fh = $s[11];
	my $n = 0; $n++ while <$fh>; exit !($n > 20)' 2>err
status=$?
[ $status = 0 ]
ok $? "twelve clients at once are served, though eight send half a request"
timeout $patience perl -e 'srand(20261122); print map { chr(int(rand(256))) } 1 .. 5000' >junk
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
ok $? "rngd survives 200 requests of noise"
finish TERM
[ "$status" = 0 ] && [ ! -e sock ]
ok $? "rngd removes its socket at the end"
begin_as rngd "$rngd" -f --control="$tmp/sock" -o file --source=getrandom
await test -S sock && await grep -q 'first good block' rngd.log
mv sock moved && : >sock
finish TERM
[ "$status" = 0 ] && [ -f sock ]
ok $? "rngd does not remove a file that took the place of its socket"
rm -f sock moved

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
begin_as rngd env NOTIFY_SOCKET="$tmp/notify" WATCHDOG_USEC=200000 \
	"$rngd" -f --control=none -o file -r "$tmp/starved"
await grep -q WATCHDOG=1 told && [ "$(head -n 1 told)" = READY=1 ] &&
	await grep -q "^STATUS=waiting for file:$tmp/starved: 0 of 2504 bytes" told
ok $? "before the first byte systemd gets READY=1, WATCHDOG=1 and a status"
head -c 640 /dev/urandom >&9
await grep -q "^STATUS=waiting for file:$tmp/starved: 640 of 2504 bytes" told
ok $? "the status says how much of a block is there"
head -c 1960 /dev/urandom >&9
await grep -q '^STATUS=1 sources, 1 blocks good, 0 bad, 0 bits credited; waiting' told &&
	[ "$(grep -c READY=1 told)" = 1 ]
ok $? "after the first good block the status has the counters"
finish TERM
await grep -q STOPPING=1 told && [ "$status" = 0 ]
ok $? "at the end systemd gets STOPPING=1"
ended "$listener"

# ------------------------------------------------------------- two processes

if [ "$(id -u)" != 0 ]; then
	skip "when the privileged process ends, rngd ends with status 74" root
	skip "hooks run as root after fresh entropy came, and only executable ones" root
	skip "wait-fresh" root
else
	begin_as rngd "$rngd" -f --control=none -o /dev/random \
		--source=getrandom
	await grep -q 'first good block' rngd.log
	helper=$(cat "/proc/$pid/task/$pid/children")
	kill -9 "$helper"
	await gone "$pid"
	ended "$pid"
	[ $status = 74 ] && grep -q 'privileged process has ended' rngd.log
	ok $? "when the privileged process ends, rngd ends with status 74"

	mkdir hooks
	printf '#!/bin/sh\necho "$VRNG_REASON $VRNG_FRESH $(id -u)" >%s/ran\n' \
		"$tmp" >hooks/one
	printf '#!/bin/sh\nexec sleep 1000\n' >hooks/dot.ted
	chmod 755 hooks/*
	begin_as rngd "$rngd" -f --control="$tmp/sock" \
		--fork-hooks="$tmp/hooks" -o file -r "$tmp/starved"
	await test -S sock
	: >asking
	while [ -e asking ]; do
		head -c 5000 /dev/urandom >&9
		sleep 0.1
	done &
	ctl reseed --fork
	rm asking
	[ $status = 0 ] && [ "$(cat ran)" = "fork yes 0" ] &&
		grep -q '1 hooks run, 0 failed' rngd.log
	ok $? "hooks run as root after fresh entropy came, and only executable ones"
	finish TERM

	# ------------------------------------------------------------ wait-fresh

	# fresh_rngd OPTION...: one that credits the kernel with what comes in @fresh.
	mkfifo fresh
	exec 8<>fresh
	fresh_rngd() {
		begin_as fresh "$@" "$rngd" -f --control="$tmp/sock" \
			--fork-hooks="$tmp/gated" --fork-page="$tmp/vmclock" \
			-o /dev/random \
			--source="file:$tmp/fresh"
		await test -S sock
	}
	# feed: one block. What was read at a fork is dropped.
	feed() {
		head -c 2504 /dev/urandom >&8
	}
	# shellcheck disable=SC2317 # called by await
	has_helper() {
		# shellcheck disable=SC2013 # words
		for child in $(cat "/proc/$pid/task/$pid/children"); do
			! grep -q '^Name:.rngd-helper' "/proc/$child/status" ||
				return 0
		done
		return 1
	}
	# signal_helper SIGNAL: sends it to the privileged process, which is forked after
	# the socket is made. Sets $helper.
	signal_helper() {
		await has_helper
		# shellcheck disable=SC2013 # words
		for child in $(cat "/proc/$pid/task/$pid/children"); do
			! grep -q '^Name:.rngd-helper' "/proc/$child/status" ||
				{ kill -s "$1" "$child" && helper=$child; }
		done
	}
	mkdir gated
	printf '#!/bin/sh\nexec %s/hook\n' "$tmp" >gated/one
	printf '#!/bin/sh\n' >hook
	chmod 755 gated/one hook
	fresh_rngd env
	ctl wait-fresh --timeout=0
	refused 75 "no fresh entropy was credited in time" \
		"before the first block nothing is fresh"
	ctl wait-fresh -t 1
	refused 75 "no fresh entropy was credited in time" \
		"and so it is when all sources are dead"
	feed
	ctl wait-fresh
	[ $status = 0 ] && grep -q '^generation=[0-9]*$' out
	ok $? "after the first block all is fresh"

	# forks: reports a fork, in the background, and waits until it was noticed.
	forks() {
		noticed=$(grep -c 'noticed by agent' fresh.log)
		timeout $patience "$rngctl" -s "$tmp/sock" reseed --fork \
			>reported 2>&1 &
		reporter=$!
		pids="$pids $reporter"
		await is_noticed
	}
	# shellcheck disable=SC2317 # called by await
	is_noticed() {
		[ "$(grep -c 'noticed by agent' fresh.log)" -gt "$noticed" ]
	}
	# fed: gives blocks until one was credited; what is at hand at a fork is dropped.
	# shellcheck disable=SC2317 # called by await
	fed() {
		feed
		ctl wait-fresh --timeout=1
		[ "$status" != 75 ] || grep -q 'hooks have not ended' err
	}
	# The generation, at 104, and what has been done.
	generation() {
		od -An -tx8 -j104 -N8 vmclock
	}
	first=$(generation)
	forks
	second=$(generation)
	[ "$second" != "$first" ] && [ -z "$(find vmclock -not -perm -444)" ]
	ok $? "the generation page changes as soon as the fork is noticed"
	ctl wait-fresh --timeout=0
	refused 75 "no fresh entropy was credited in time" \
		"after a fork nothing is fresh until there was a block"
	await fed
	[ $status = 0 ]
	ok $? "then wait-fresh ends with status 0"
	ended "$reporter"
	third=$(generation)
	[ "$third" != "$second" ] && [ "$third" != "$first" ]
	ok $? "and the generation page has changed once more"

	printf '#!/bin/sh\nuntil [ -e %s/go ]; do sleep 0.05; done\n' "$tmp" >hook
	forks
	await fed
	refused 75 "fork hooks have not ended in time" \
		"while a hook hangs wait-fresh ends with status 75"
	: >go
	ctl wait-fresh --timeout=50
	[ $status = 0 ]
	ok $? "and with status 0 when the hook has ended"
	ended "$reporter"

	printf '#!/bin/sh\nexit 3\n' >hook
	forks
	await fed
	refused 70 "a fork hook failed or was refused" \
		"after a hook that fails wait-fresh ends with status 70"
	ended "$reporter"
	[ "$status" = 70 ] && grep -q '^generation=[0-9]* fed_ms=' reported &&
		grep -q 'a fork hook failed or was refused' reported
	ok $? "and so does reseed, which says when fresh entropy was there"
	ctl wait-fresh
	refused 70 "a fork hook failed" "however often it is asked"
	printf '#!/bin/sh\n' >hook
	forks
	await fed
	[ $status = 0 ]
	ok $? "until the hooks run well"
	ended "$reporter"

	# The privileged process ends while a client waits.
	forks
	timeout $patience "$rngctl" -s "$tmp/sock" wait-fresh --timeout=50 \
		>out 2>err &
	waiter=$!
	pids="$pids $waiter"
	signal_helper KILL
	ended "$waiter"
	refused 69 "" "when the privileged process ends nothing is fresh"
	ended "$reporter"
	ended "$pid"

	# The next one knows that the fork was not handled to its end.
	printf '#!/bin/sh\necho "$VRNG_REASON $VRNG_SOURCE" >%s/told\n' "$tmp" >hook
	fourth=$(generation)
	fresh_rngd env
	await grep -q 'VM fork: noticed by past' fresh.log
	ctl wait-fresh --timeout=0
	refused 75 "no fresh entropy was credited in time" \
		"nor when rngd is started again, after a fork that was not handled"
	await fed
	[ "$status" = 0 ] && [ "$(cat told)" = "fork past" ] &&
		[ "$(generation)" != "$fourth" ]
	ok $? "until its hooks have run, and the page has changed"
	finish TERM
	fresh_rngd env
	feed
	ctl wait-fresh --timeout=50
	[ $status = 0 ] && ! grep -q 'VM fork' fresh.log
	ok $? "a fork that was handled is not handled again"
	finish TERM

	# Credit fails while a client waits: the helper does not answer.
	fresh_rngd env
	signal_helper STOP
	pids="$pids $helper" # one that is stopped outlives its rngd
	timeout $patience "$rngctl" -s "$tmp/sock" wait-fresh --timeout=50 \
		>out 2>err &
	waiter=$!
	pids="$pids $waiter"
	feed
	ended "$waiter"
	refused 69 "" "when a credit fails nothing is fresh"
	ended "$pid"
	grep -q '/dev/random: ' fresh.log
	ok $? "and rngd has ended because of that"

	# The probe at the start finds that the kernel refuses.
	if ! setpriv --bounding-set=-sys_admin true 2>/dev/null; then
		skip "when the kernel refuses entropy nothing is fresh" setpriv
	else
		begin_as refused setpriv --bounding-set=-sys_admin \
			--inh-caps=-sys_admin "$rngd" -f --control="$tmp/sock" \
			-o /dev/random --source="file:$tmp/fresh"
		ended "$pid"
		ctl wait-fresh
		refused 69 "cannot reach rngd" \
			"when the kernel refuses entropy nothing is fresh"
	fi
fi

done_testing
