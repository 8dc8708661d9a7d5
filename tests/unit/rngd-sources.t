#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd with a source that works and one that fails. Each case has another failure.
# The good source must go on, nothing may spin, each failure is logged once, and
# SIGTERM ends rngd. TAP on stdout; B names the folder of built programs.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
rngd=$(apart_rngd) || exit 1
rngctl=$(program rngd/rngctl) || exit 1

# The source that works gives at most 500 kB a second, so that no disk is filled.
mkfifo good
exec 8<>good
while head -c 25000 /dev/urandom >&8; do sleep 0.05; done &
pids="$pids $!"
pid=

# feed OPTION...: starts rngd with the source that works, and waits for a good block.
feed() {
	# What a failed case has left must not fail the next one.
	[ -z "$pid" ] || finish KILL
	rm -f fed sock
	begin "$rngd" -f --control="$tmp/sock" -o fed \
		--source="file:$tmp/good" "$@"
	await grep -q 'first good block' err
}

# Prints the CPU time of the process and its threads, in clock ticks.
ticks() {
	cut -d' ' -f14,15 "/proc/$pid/stat" | tr ' ' + | tee ticks >/dev/null
	echo $(($(cat ticks)))
}

# SIGTERM ends it with status 0, and its socket is removed.
ends() {
	finish TERM
	pid=
	[ "$status" = 0 ] && [ ! -e sock ]
}

# of_second NAME: prints that value of the second source, which is not the good one.
of_second() {
	"$rngctl" -s sock --json sources | awk -v name="\"$1\":" '
		$1 == "{" { n++ }
		$1 == name && n == 2 { gsub(/[",]/, "", $2); print $2 }'
}

# shellcheck disable=SC2317 # called by await
second_is() {
	[ "$(of_second state)" = "$1" ]
}

# fifo never gives a byte, and nobody reads full.
mkfifo fifo full
exec 9<>fifo 7<>full

feed -r "$tmp/nosuch"
await grep -q 'nosuch: cannot open' err && ends &&
	[ "$(grep -c 'nosuch: cannot open' err)" = 1 ]
ok $? "a device that is not there is logged once, and waited for"

feed -r "$tmp/later"
await grep -q 'later: cannot open' err
head -c 10000 /dev/urandom >later
await grep -q 'later: gives bytes again' err
ok $? "a device that appears later is used"
await grep -q 'later: end of file' err && ends
ok $? "the end of a file is logged, and does not end rngd"

feed -r "$tmp"
await grep -q 'Is a directory' err && second_is failed && ends
ok $? "a source that cannot be read is logged with the text of errno"

feed -r "$tmp/fifo"
await second_is waits
size=$(wc -c <fed)
await sh -c "[ \$(wc -c <fed) -gt $((size + 100000)) ]"
second_is waits && [ "$(of_second bytes_received)" = 0 ] && ends
ok $? "a source that gives nothing does not delay the other"

feed -r "$tmp/fifo" -o full --suspend=3600
await second_is waits
before=$(ticks)
sleep 2
after=$(ticks)
[ $((after - before)) -le 10 ] && ends
ok $? "a full output and a starved source cost no CPU time"

feed -r /dev/zero --suspend=3600
await grep -q '/dev/zero: more bad blocks .* suspended for 3600 s' err &&
	second_is suspended && [ "$(of_second blocks_good)" = 0 ] &&
	[ "$(of_second blocks_bad)" = 6 ] &&
	[ "$(of_second health_failures)" = 1 ] && ends
ok $? "a source of zeros is suspended after six blocks, and gets no credit"

feed --source=file:/dev/zero,entropy=1 --suspend=3600
await grep -q 'suspended for 3600 s' err && second_is suspended &&
	[ "$(of_second blocks_good)" = 0 ] && ends
ok $? "raw zeros are suspended too, by SP 800-90B alone"

# Ten equal bytes in every 2,000. The repetition count test fails at 31 equal bytes for
# one bit of entropy a byte, and at 6 for six bits.
perl -e 'srand(20261122); for (1 .. 500) {
	print join "", map { chr int rand 256 } 1 .. 1990; print "A" x 10 }' >stutter
feed --source="file:$tmp/stutter,entropy=6" --suspend=3600
await grep -q 'stutter.*suspended for 3600 s' err && second_is suspended && ends
ok $? "a raw source is held to the entropy that it claims"
feed --source="file:$tmp/stutter,entropy=1" --suspend=3600
await grep -q 'stutter.*end of file' err && [ "$(of_second blocks_bad)" = 0 ] &&
	[ "$(of_second blocks_good)" -gt 300 ] && ends
ok $? "a raw source that claims less passes with the same bytes"

feed -r /dev/zero --suspend=1
await grep -q 'suspended for 2 s' err && ends
ok $? "a suspended source is tried again, and suspended for longer"

# 51 ones in a hundred bits: about every seventh block fails.
perl -e 'srand(20261122); for (1 .. 500000) { my $b = 0;
	$b = $b * 2 + (rand() < 0.51) for 1 .. 8; print chr($b) }' >biased
feed -r "$tmp/biased" --suspend=3600
await grep -q 'biased: more bad blocks' err && ends
ok $? "a source that is biased by 1 % is suspended"

feed --source='exec:head -c 2600 /dev/urandom'
await grep -q 'exec:.*end' err && await grep -q 'gives bytes again' err && ends
ok $? "a program that exits is run again"

feed --source=tcp:127.0.0.1:1
await grep -q 'tcp:127.0.0.1:1: ' err && second_is failed && ends
ok $? "a peer that refuses is logged"

feed --source="unix:$tmp/nosuch"
await grep -q 'unix:.*nosuch' err && second_is failed && ends
ok $? "a socket that is not there is logged"

feed --source=rdrand --source=jitter
await sh -c "'$rngctl' -s sock status | grep -q '^file:$tmp/good  *flows'" &&
	ends
ok $? "sources that a machine may lack do not matter where another works"

# All cases above ran in the sandbox, which kills on a forbidden system call.
feed
grep -q '^Seccomp:.2' "/proc/$pid/status" &&
	grep -q '^NoNewPrivs:.1' "/proc/$pid/status" &&
	grep -q '^CapEff:.0000000000000000' "/proc/$pid/status" && ends
ok $? "system calls are filtered, and there is no capability"

# value_of SOURCE NAME: a value of the source that is called so.
value_of() {
	"$rngctl" -s sock --json sources | awk -v source="\"$1\"," \
		-v name="\"$2\":" '
		$1 == "\"name\":" { found = $2 == source }
		$1 == name && found { gsub(/[",]/, "", $2); print $2 }'
}

# shellcheck disable=SC2317 # called by await
state_is() {
	[ "$(value_of "$1" state)" = "$2" ]
}

# reload LINE...: rngd reads a file of these lines again, and has logged that.
reload() {
	printf '%s\n' "$@" >conf
	times=$(grep -c 'read again\|nothing is changed' err)
	kill -HUP "$pid"
	await sh -c "[ \$(grep -c 'read again\\|nothing is changed' err) -gt $times ]"
}

printf 'source = file:/dev/zero\nsuspend = 3600\n' >conf
chmod 644 conf
feed --config="$tmp/conf"
await grep -q 'suspended for 3600 s' err
good=$(value_of "file:$tmp/good" blocks_good)
reload "source = file:$tmp/fifo"
grep -q 'conf: read again, 2 sources' err &&
	await state_is "file:$tmp/fifo" waits &&
	[ -z "$(value_of file:/dev/zero state)" ]
ok $? "SIGHUP changes the sources"
[ "$(value_of "file:$tmp/good" blocks_good)" -ge "$good" ] &&
	[ "$(grep -c "file:$tmp/good: feeds" err)" = 1 ]
ok $? "one that stays keeps its feeder and its counters"
reload "source = file:$tmp/fifo" "entropy-count = 1"
[ "$(value_of "file:$tmp/fifo" entropy_millibits)" = 1000 ] &&
	[ "$(value_of "file:$tmp/good" entropy_millibits)" = 1000 ]
ok $? "SIGHUP changes what is claimed for sources that stay"
reload "source = file:$tmp/later" "source = nonsense"
grep -q 'conf:2: source "nonsense": no such kind.*nothing is changed' err &&
	state_is "file:$tmp/fifo" waits && state_is "file:$tmp/good" flows &&
	! grep -q 'later: feeds' err
ok $? "a source that means nothing leaves all sources as they were"
ln -s fifo fifo2
reload "quiet = no" "source = file:$tmp/fifo" "source = file:$tmp/fifo2,entropy=1"
grep -q "conf:3: \"file:$tmp/fifo2,entropy=1\" is the same source as .*conf:2: \"file:$tmp/fifo\".*nothing is changed" err &&
	state_is "file:$tmp/fifo" waits && state_is "file:$tmp/good" flows
ok $? "one file under two names is refused, and leaves all sources as they were"
printf '#!/bin/sh\nexec cat /dev/urandom\n' >program
chmod 755 program
reload "source = exec:$tmp/program"
await state_is "exec:$tmp/program" flows &&
	grep -q '^Seccomp:.2' "/proc/$pid/status"
ok $? "SIGHUP adds a program, and system calls stay filtered"
reload "source = tcp:127.0.0.1:1"
grep -q 'conf: tcp:127.0.0.1:1: needs sockets .*nothing is changed' err &&
	await state_is "exec:$tmp/program" flows
ok $? "a source whose sockets are not allowed leaves all sources as they were"
reload "source = nonsense" "random-step = 4097"
grep -q 'conf:2: random-step.*nothing is changed' err && ends
ok $? "a configuration with a mistake changes nothing"

done_testing
