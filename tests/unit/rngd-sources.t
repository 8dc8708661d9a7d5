#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd with sources that fail, each in its own way, beside one that works: the
# good one is never held up, nothing spins, each failure is told once, and
# SIGTERM ends it. TAP on stdout; B names the folder of built programs.

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
	sed 's/^/# err: /' err | head -n 20
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

# The source that works gives 500 kB a second, so that no disk is filled.
mkfifo good
exec 8<>good
while head -c 25000 /dev/urandom >&8; do sleep 0.05; done &
pids=$!

# begin OPTION...: rngd, with a source that works; it has written a block.
begin()
{
	# what a failed case has left does not fail the next
	[ -z "${pid-}" ] || kill -KILL "$pid" 2>/dev/null
	rm -f out sock
	"$rngd" -f --control="$tmp/sock" -o out --source="file:$tmp/good" \
		"$@" 2>err &
	pid=$!
	pids="$pids $pid"
	await test -s out
}

# CPU time of the process in clock ticks, its threads included.
ticks()
{
	cut -d' ' -f14,15 "/proc/$pid/stat" | tr ' ' + | tee ticks >/dev/null
	echo $(($(cat ticks)))
}

# end: by SIGTERM. Status 0 if it ended well and within 5 s of a busy machine.
end()
{
	began=$(date +%s%N)
	kill -TERM "$pid"
	await gone "$pid"
	ms=$((($(date +%s%N) - began) / 1000000))
	wait "$pid" && [ "$ms" -lt 5000 ] && [ ! -e sock ]
}

# The value NAME of source number 1 (the first is the good one).
of_second()
{
	"$rngctl" -s sock --json sources | awk -v name="\"$1\":" '
		$1 == "{" { n++ }
		$1 == name && n == 2 { gsub(/[",]/, "", $2); print $2 }'
}

# shellcheck disable=SC2317 # called by await
second_is()
{
	[ "$(of_second state)" = "$1" ]
}

# One that gives nothing, and one that nobody reads.
mkfifo fifo full
exec 9<>fifo 7<>full

begin -r "$tmp/nosuch"
await grep -q 'nosuch: cannot open' err && end &&
	[ "$(grep -c 'nosuch: cannot open' err)" = 1 ]
ok $? "a device that is not there is told once, and waited for"

begin -r "$tmp/later"
await grep -q 'later: cannot open' err
head -c 10000 /dev/urandom >later
await grep -q 'later: gives bytes again' err
ok $? "a device that comes later is taken up"
await grep -q 'later: end of file' err && end
ok $? "and one that ends is told of, and does not end the daemon"

begin -r "$tmp"
await grep -q 'Is a directory' err && second_is failed && end
ok $? "one that cannot be read is told with its errno"

begin -r "$tmp/fifo"
await second_is waits
size=$(wc -c <out)
await sh -c "[ \$(wc -c <out) -gt $((size + 100000)) ]"
second_is waits && [ "$(of_second bytes_received)" = 0 ] && end
ok $? "one that gives nothing holds nobody up"

begin -r "$tmp/fifo" -o full --suspend=3600
await second_is waits
before=$(ticks)
sleep 2
after=$(ticks)
[ $((after - before)) -le 10 ] && end
ok $? "a full output and a starved source cost no CPU time"

begin -r /dev/zero --suspend=3600
await grep -q '/dev/zero: more bad blocks .* suspended for 3600 s' err &&
	second_is suspended && [ "$(of_second blocks_good)" = 0 ] &&
	[ "$(of_second blocks_bad)" = 6 ] &&
	[ "$(of_second health_failures)" = 1 ] && end
ok $? "one of zeros is suspended after six blocks, and given no credit"

begin --source=file:/dev/zero,entropy=1 --suspend=3600
await grep -q 'suspended for 3600 s' err && second_is suspended &&
	[ "$(of_second blocks_good)" = 0 ] && end
ok $? "raw zeros are suspended too, by SP 800-90B alone"

begin -r /dev/zero --suspend=1
await grep -q 'suspended for 2 s' err && end
ok $? "a suspended source is tried again, and suspended for longer"

# 51 ones in a hundred bits: about every seventh block fails.
perl -e 'srand(20261122); for (1 .. 500000) { my $b = 0;
	$b = $b * 2 + (rand() < 0.51) for 1 .. 8; print chr($b) }' >biased
begin -r "$tmp/biased" --suspend=3600
await grep -q 'biased: more bad blocks' err && end
ok $? "one that is biased by 1 % is found within its first 200 blocks"

begin --source='exec:head -c 2600 /dev/urandom'
await grep -q 'exec:.*end' err && await grep -q 'gives bytes again' err && end
ok $? "a program that exits is run again"

begin --source=tcp:127.0.0.1:1
await grep -q 'tcp:127.0.0.1:1: ' err && second_is failed && end
ok $? "a peer that refuses is told of"

begin --source="unix:$tmp/nosuch"
await grep -q 'unix:.*nosuch' err && second_is failed && end
ok $? "a socket that is not there is told of"

begin --source=rdrand --source=jitter
await sh -c "'$rngctl' -s sock status | grep -q '^file:$tmp/good  *flows'" &&
	end
ok $? "sources that a machine may lack do not matter where another works"

# Under a sandbox that kills: it has done all of the above, and still
# refuses what it has no use for. --no-sandbox is how the difference shows.
begin
grep -q '^Seccomp:.2' "/proc/$pid/status" &&
	grep -q '^NoNewPrivs:.1' "/proc/$pid/status" &&
	grep -q '^CapEff:.0000000000000000' "/proc/$pid/status" && end
ok $? "system calls are filtered, and there is no capability"

printf 'source = file:/dev/zero\nsuspend = 3600\n' >conf
chmod 644 conf
begin --config="$tmp/conf"
await grep -q 'suspended for 3600 s' err
printf 'source = file:%s\n' "$tmp/fifo" >conf
kill -HUP "$pid"
await grep -q 'conf: read again, 2 sources' err && await second_is waits
ok $? "SIGHUP changes the sources"
printf 'source = nonsense\nrandom-step = 1\n' >conf
kill -HUP "$pid"
await grep -q 'line 2: --random-step.*nothing is changed' err && end
ok $? "and a file with a mistake changes nothing"

echo "1..$n"
exit $failed
