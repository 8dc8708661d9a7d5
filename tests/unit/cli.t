#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd as its users meet it: what it refuses, messages, exit statuses, signals and
# files. It runs as root or as another user and writes only to a temporary folder.
# TAP on stdout; B names the folder of built programs.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
speaker='rng[a-z]*'
rngd=$(apart_rngd) || exit 1
zero_seed=0000000000000000000000000000000000000000000000000000000000000000
drbg=drbg:seed=$zero_seed

# shellcheck disable=SC2317 # called by await
holds_fifo_once() {
	[ "$(id -u)" != 0 ] || # only root sees what others have open
		[ "$(readlink "/proc/$pid/cwd")/$(find "/proc/$pid/fd" -lname "$tmp/fifo" | wc -l)" = //1 ]
}

# shellcheck disable=SC2317 # called by await
same_pid() {
	[ "$(cat pid)" = "$pid" ]
}

# ------------------------------------------------------------ rngd: refusals

run "$rngd" --nosuch
refused 64 "--nosuch: unknown option" "rngd: an unknown option is usage"
run "$rngd" -f -s 64k
refused 64 '"64k" is not a number from 0 to 4096' \
	"rngd: a number with junk is usage"
run "$rngd" -f extra
refused 64 "extra: there are only options" "rngd: a stray word is usage"
run "$rngd" -f --source=nosuch:x
refused 64 '"nosuch": no such kind' "rngd: an unknown source is usage"
run "$rngd" -f --source=drbg:seed=12
refused 64 "64 hex digits" "rngd: a short seed is usage"
mkfifo fifo
run "$rngd" -f --source=$drbg -o fifo
refused 64 "only be written to a regular file" \
	"rngd: a stream that anybody can compute is written to files only"

run "$rngd" -f --require-source -r nosuch -o file
refused 66 "file:$tmp/nosuch: cannot open: No such file" \
	"rngd: a missing device is no source"
[ ! -e file ]
ok $? "rngd: no output is made for a source that is not there"
run "$rngd" -f --require-source -r . -o file
refused 66 "Is a directory" "rngd: a directory is no source"
run "$rngd" -f --source=getrandom -o /dev/nosuch
refused 73 "/dev/nosuch: cannot open" "rngd: a missing output device"
run "$rngd" -f --source=getrandom -o /dev/null
refused 73 "takes no entropy" "rngd: a device that is no random device"
run "$rngd" -f --source=getrandom -o nosuch/file
refused 73 "nosuch/file: cannot open" "rngd: an output without a folder"
run "$rngd" -f --source=getrandom -o file -p nosuch/pid
refused 73 "cannot write the pid file" "rngd: a pid file without a folder"

# Root may read everything, so root tries it as nobody.
: >secret
chmod 0 secret
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
if [ "$(id -u)" != 0 ]; then
	run "$rngd" -f --require-source -r secret -o file
	refused 77 "Permission denied" "rngd: an unreadable device"
elif $nobody "$rngd" --version >/dev/null 2>&1; then
	# shellcheck disable=SC2086
	run $nobody "$rngd" -f --require-source -r "$tmp/secret" \
		-o "$tmp/file"
	refused 77 "Permission denied" "rngd: an unreadable device"
else
	skip "rngd: an unreadable device" "nobody cannot run the program"
fi

run "$rngd" -f --source=getrandom --source=getrandom -o file
refused 64 '"getrandom" is the same source as "getrandom"' \
	"rngd: one source twice is refused"
run "$rngd" -f --source=tcp:localhost:7 --source=egd:tcp:127.0.0.1:07 -o file
refused 64 '"egd:tcp:127.0.0.1:07" is the same source as "tcp:localhost:7"' \
	"rngd: one address twice is refused"

# ----------------------------------------------- rngd: configuration files

# in_file TEXT: --test-config of a file with this text.
in_file() {
	printf '%b\n' "$1" >bad.conf
	run "$B/rngd/rngd" -f --test-config --config=bad.conf
}

in_file 'sorce = x'
refused 64 ':1: "sorce" is no setting; see rngd --help' \
	"rngd: an unknown setting is usage"
[ "$(grep -o 'see rngd' err | wc -l)" = 1 ]
ok $? "rngd: the message refers to the help once"
in_file 'source = file:/dev/zero,entrpy=1'
refused 64 ':1: source "file": "entrpy" is no key; write file:PATH; keys: entropy (' \
	"rngd: a misspelt key of a source is named, with those that there are"
in_file 'source = tty:/dev/zero,baut=1'
refused 64 '"baut" is no key; write tty:PATH, with baud=N, init=HEX, discard=BYTES; keys: baud, init, discard, entropy (' \
	"rngd: the same for a kind with keys of its own"
for secret in 0123456789abcdef AbCdEf= onceuponatimethere=1; do
	in_file "source = drbg:$secret"
	! grep -q "$secret" err || status=quoted
	refused 64 'field 1 is unknown' \
		"rngd: a field that may be a secret is not quoted ($secret)"
done
in_file 'source = file:/dev/zero'
[ $status = 0 ] && [ ! -s err ]
ok $? "rngd: --test-config accepts what a start accepts"
echo stored >stored
in_file "source = file:$tmp/stored\nsource = file:/dev/urandom"
[ $status = 0 ] && [ "$(wc -l <err)" = 2 ] &&
	grep -q "file:$tmp/stored: is a file that can be .*: no credit for it" err &&
	grep -q 'file:/dev/urandom: is the kernel.s own .*: no credit for it' err
ok $? "rngd: --test-config says which sources get no credit, as a start does"
in_file "source = file:$tmp/stored,entropy=1\nrandom-device = /dev/random"
[ $status = 0 ] && [ ! -s err ]
ok $? "rngd: and nothing of a file whose claim counts"
: >fed
in_file "source = file:$tmp/stored\nrandom-device = $tmp/fed"
[ $status = 0 ] && [ ! -s err ]
ok $? "rngd: nor where bytes go to a file"
in_file 'source = file:/dev/zero\nsource = file:/no/such\nsource = tty:/no/tty'
[ $status = 0 ] && [ "$(grep -c ': cannot open: ' err)" = 2 ] &&
	grep -q 'file:/no/such' err && grep -q 'tty:/no/tty' err
ok $? "rngd: --test-config says of each source that does not work why"
in_file 'source = file:/no/such\nsource = tty:/no/tty'
[ $status = 66 ] && [ "$(grep -c ': cannot open: ' err)" = 2 ]
ok $? "rngd: --test-config fails where none works"
run "$B/rngd/rngd" --list --source=file:/no/such --source=tty:/no/tty
[ $status = 1 ] && grep -q '^   file:/no/such: cannot open: ' out &&
	grep -q '^   tty:/no/tty: cannot open: ' out
ok $? "rngd: --list fails where none works that is used, and says of each why"
run "$B/rngd/rngd" --list --source=file:/no/such --source=file:/dev/zero
[ $status = 0 ] && grep -q '^-: file:/dev/zero' out &&
	grep -q '^   file:/no/such: ' out
ok $? "rngd: --list shows what works, and says of the others why"
in_file 'source = file:/dev/zero\ndrop-privileges = no-such-user'
refused 64 '"no-such-user": no such user' "rngd: --test-config looks the user up"
in_file 'source = file:/dev/zero\ncontrol-group = no-such-group'
refused 64 'no-such-group": no such group' \
	"rngd: --test-config looks the group up"
for setting in pid-file random-device control; do
	in_file "source = file:/dev/zero\n$setting = missing/x"
	refused 73 "--$setting: " "rngd: --test-config looks for the folder of $setting"
done
run "$rngd" -f -o file --control="$(printf %0200d 0)"
refused 64 "--control: socket path: " "rngd: a socket's path that is too long"

# ------------------------------------------------------- rngd: help, version

run "$rngd" --help
[ $status = 0 ] && grep -q -e '--random-step=BYTES' out && [ ! -s err ]
ok $? "rngd: help is on stdout, with status 0"
run "$rngd" --version
[ $status = 0 ] && grep -q '^rngd .*[0-9]' out && [ ! -s err ]
ok $? "rngd: the version is on stdout, with status 0"
: >out
timeout $patience "$rngd" --help >&- 2>err
status=$?
refused 74 "stdout: cannot write" "rngd: help on a closed stdout"
timeout $patience "$rngd" --version >/dev/full 2>err
status=$?
refused 74 "stdout: cannot write" "rngd: the version on a full disk"

# ------------------------------------------------------------- rngd: feeding

run "$rngd" -f --source=$drbg -o file --blocks=3
[ $status = 0 ] && [ "$(cksum <file)" = "2635540293 7500" ]
ok $? "rngd: three blocks of a known stream, from its second word on"
grep -q '^rngd: drbg:seed=...: feeds file$' err && ! grep -q $zero_seed err &&
	grep -q '^rngd: file: first good block of 2500 bytes' err
ok $? "rngd: it logs its source and output, and the first good block"
cat >want <<-EOF
	rngd: stats: bytes received from source: 7504
	rngd: stats: FIPS 140-2 successes: 3
	rngd: stats: FIPS 140-2 failures: 0
	rngd: stats: FIPS 140-2(2001-10-10) Monobit: 0
	rngd: stats: FIPS 140-2(2001-10-10) Poker: 0
	rngd: stats: FIPS 140-2(2001-10-10) Runs: 0
	rngd: stats: FIPS 140-2(2001-10-10) Long run: 0
	rngd: stats: FIPS 140-2(2001-10-10) Continuous run: 0
	rngd: stats: SP 800-90B failures: 0
	rngd: stats: bytes written to output: 7500
EOF
grep stats: err | cmp -s - want
ok $? "rngd: the statistics at the end"
run "$rngd" -fq --source=$drbg -o file --blocks=1
[ $status = 0 ] && [ ! -s err ] && [ ! -s out ]
ok $? "rngd: --quiet is quiet"

run "$rngd" -f --require-source -r file -o copy
[ $status = 69 ] && grep -q '^rngd: no source is left .*: file:.*/file: end of file' err &&
	grep -q 'bytes received from source: 10000$' err &&
	[ "$(wc -c <copy)" = 7500 ]
ok $? "rngd: the end of a required source is an error, with true counts"
run "$rngd" -f --require-source -r /dev/zero -o copy
[ "$status" = 69 ] &&
	grep -q 'no source is left (--require-source): file:/dev/zero: fails its' err
ok $? "rngd: it ends if the source that is required always fails its tests"

begin "$rngd" -f -d -r /dev/zero -o zeros
await grep -q 'suspended for 60 s' err
finish TERM
[ "$status" = 0 ] && [ ! -s zeros ] &&
	grep -q 'FIPS 140-2 successes: 0' err &&
	grep -q 'FIPS 140-2 failures: 6' err &&
	[ "$(grep -c 'suspended for' err)" = 1 ]
ok $? "rngd: bad blocks are dropped, and their source is suspended, with one line"

# ------------------------------------------------------------- rngd: signals

exec 9<>fifo
for signal in TERM INT HUP; do
	begin "$rngd" -f -r fifo -o file
	await grep -q 'feeds file' err
	finish $signal
	[ "$status" = 0 ] &&
		grep -q "stopping on SIG$signal" err &&
		grep -q 'bytes received from source: 0$' err
	ok $? "rngd: SIG$signal ends it while its source is starved"
done

mkfifo full
exec 8<>full
begin "$rngd" -f --source=getrandom -o full
await grep -q 'first good block' err
finish TERM
[ "$status" = 0 ]
ok $? "rngd: SIGTERM ends it while its output is full"
exec 8>&-

# The pipeline's reader takes 100 bytes and goes.
run sh -c "{ '$rngd' -f --source=getrandom -o /dev/stdout; echo \$? >left; } | head -c 100"
[ "$status" = 0 ] && [ "$(wc -c <out)" = 100 ] && [ "$(cat left)" = 74 ] &&
	grep -q '/dev/stdout: cannot write: Broken pipe' err
ok $? "rngd: a pipe without a name ends it when its reader goes"

begin "$rngd" -f -r fifo -o file
await grep -q 'feeds file' err
kill -USR1 $pid
await grep -q 'stats: bytes received' err && kill -0 $pid
ok $? "rngd: SIGUSR1 prints the statistics, and it goes on"
finish TERM

# Each child ignores SIGTERM, which takes a wait before SIGKILL. Waits one after the
# other, of 100 ms as they once were, would take the bound of this case at least.
children=20
set --
for each in $(seq $children); do
	set -- "$@" --source="exec:trap '' TERM; echo $each; while :; do sleep 1000; done"
done
begin "$rngd" -f -q --control="$tmp/ctl" -o file "$@"
# shellcheck disable=SC2317 # called by await
all_started() {
	[ "$("$B/rngd/rngctl" -s "$tmp/ctl" metrics |
		grep -c '^rngd_source_received_bytes_total.* [1-9]')" = "$children" ]
}
await all_started
before=$(date +%s%N)
finish TERM
[ "$status" = 0 ] &&
	[ $((($(date +%s%N) - before) / 1000000)) -lt $((100 * children)) ]
ok $? "rngd: children that ignore SIGTERM are ended at the same time"

# ------------------------------------------- rngd: background and pid file

# A daemon that kept this script's descriptors would keep its readers waiting.
run "$rngd" -b -p pid -r fifo -o file
pid=$(cat pid)
pids="$pids $pid"
[ $status = 0 ] && kill -0 "$pid"
ok $? "rngd: -b returns once the daemon is ready, its pid in the file"
[ "$(cut -d" " -f6 "/proc/$pid/stat")" = "$pid" ] &&
	await holds_fifo_once
ok $? "rngd: the daemon has a session of its own and none of our files"
[ "$(stat -c %a pid)" = 600 ]
ok $? "rngd: no other user can open the pid file to lock it"
run "$rngd" -b -p pid -r fifo -o file
refused 75 "another rngd holds it" "rngd: a busy pid file (-b)"
run "$rngd" -f -p "$tmp/pid" -r fifo -o file
refused 75 "another rngd holds it" "rngd: a busy pid file (-f)"
kill -HUP "$pid"
kill "$pid"
await gone "$pid" && forget "$pid" && [ ! -e pid ]
ok $? "rngd: the daemon ends on SIGTERM and removes its pid file"

# In the background the current folder is /, and so it is on SIGHUP.
echo 'source = file:fifo
control = ctl' >conf
chmod 644 conf
run "$B/rngd/rngd" -b -p pid --config=conf -o file
pid=$(cat pid)
pids="$pids $pid"
echo 'entropy-count = 1' >>conf
kill -HUP "$pid"
# shellcheck disable=SC2317 # called by await
claims_less() {
	"$B/rngd/rngctl" -s "$tmp/ctl" sources | grep -q "^file:$tmp/fifo .* 1\.000 "
}
[ $status = 0 ] && await claims_less
ok $? "rngd: -b finds a relative --config, and its paths, on SIGHUP as well"
kill "$pid"
await gone "$pid" && forget "$pid"

echo 'source = file:fifo' >conf
begin "$rngd" -f --config=conf -o file
await grep -q 'feeds file' err
echo 'entropy-count = 1' >>conf
kill -HUP $pid
await grep -q 'read again' err
kill -HUP $pid
finish TERM
[ "$(grep -c 'entropy-count: 1 of 8 bits a byte are claimed: blocks' err)" = 1 ]
ok $? "rngd: SIGHUP logs what a new setting means, once"

run "$rngd" -b -p pid --require-source -r nosuch -o file
[ ! -e pid ]
refused 66 "nosuch" "rngd: -b ends with the status of a daemon that failed"

echo 1 >pid
chmod 666 pid
begin "$rngd" -fq -p pid -r fifo -o file
await same_pid
[ "$(stat -c %a pid)" = 600 ]
ok $? "rngd: others cannot open a pid file that was left behind, either"
finish TERM
echo 1 >pid
run "$rngd" -fq -p pid --source=getrandom -o file --blocks=1
[ $status = 0 ] && [ ! -e pid ]
ok $? "rngd: a pid file left behind is taken over"
ln -s file pid
run "$rngd" -f -p pid --source=getrandom -o file
refused 73 "cannot write the pid file" "rngd: a pid file that is a symbolic link is refused"
rm pid
exec 9>&-

# ------------------------------------------------------------ rngd: recording

# ended STATUS TEXT DESCRIPTION: the last run ended so, after its warning.
ended() {
	[ "$status" = "$1" ] && [ "$(wc -l <err)" = 2 ] && tail -n 1 err | grep -qF -e "$2"
	ok $? "$3"
}

run "$rngd" --source=$drbg --record=raw --record-bytes=5000
[ $status = 0 ] && [ "$(wc -c <raw)" = 5000 ] && [ "$(wc -l <err)" = 1 ] &&
	grep -q '^rngd: recording raw samples of drbg:seed=\.\.\. to raw\. Who' err
ok $? "--record writes raw samples, and warns who may read them"
# shellcheck disable=SC2012 # the mode
[ "$(ls -l raw | cut -c1-10)" = -rw------- ]
ok $? "only the owner may read them"
"$rngd" -fq --source=$drbg -o tested --blocks=2
# The tests use up the first word.
[ "$(tail -c +5 raw | cksum)" = "$(head -c 4996 tested | cksum)" ]
ok $? "they are the bytes that rngd would test"
run "$rngd" --source=$drbg --record=raw
ended 73 "rngd: raw: cannot be made: File exists; name a new file" \
	"--record replaces no file"
run "$rngd" --source='exec:printf 1234567' --record=parts --restarts=3 --record-bytes=5
[ $status = 0 ] && [ "$(cat parts)" = 123451234512345 ]
ok $? "--restarts opens the source anew for each part"
run "$rngd" --source=file:parts --record=more --record-bytes=20
ended 69 "5 bytes too early; what was recorded is incomplete" \
	"a source that ends is status 69"
[ "$(cat more)" = 123451234512345 ]
ok $? "what came before is in the file"
run "$rngd" --source=file:parts --source=$drbg --record=both
[ $status = 64 ] && grep -q -e '--record takes one source; there are 2' err &&
	[ ! -e both ]
ok $? "--record takes one source"

done_testing
