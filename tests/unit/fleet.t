#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One vhost-user-rng for many guests that come and go: --socket-dir. TAP on stdout; B
# names the folder of built programs. Runs with root or without.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
speaker=vhost-user-rng
device=$(program tests/device/vhost-user-rng) || exit 1
fleet=$(program tests/bench/fleet) || exit 1

# serve FOLDER ARGUMENT...: a device of a new folder, with its log in FOLDER.log.
serve() {
	folder=$1
	shift
	mkdir -p "$folder"
	begin_as "$folder" "$device" --socket-dir="$folder" "$@"
	await grep -q "watching $folder" "$folder.log"
}

# metric NAME: prints the samples of the statistics' socket.
metric() {
	perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new("metrics") or die;
		print while <$s>' | grep "^$1"
}

run "$device" --socket-dir=missing
refused 1 "missing: No such file" "a folder that is not there is refused"
run "$device" --socket-dir=d --socket-path=s
refused 64 "give one of them" "a folder and a socket are refused"
run "$device" --socket-path=s --options-dir=d
refused 64 "--options-dir: needs --socket-dir" "options need a folder of sockets"

# ------------------------------------------------------------ they come and go

# Each byte of this source is there once, so none may come twice.
serve many --stats=unix:metrics \
	--source=drbg:seed=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
many=$pid
timeout 300 "$fleet" churn many 200 40 1 >out 2>err
status=$?
[ "$status" = 0 ] && grep -q '^blocks=' out
ok $? "200 guests come, go and come, and no byte comes twice"
metric vrng_device_requests_total >each
[ "$(wc -l <each)" = 200 ]
ok $? "there is a sample for each of 200 guests"
finish TERM "$many"
[ "$status" = 0 ] && [ "$(find many -name '*.sock' | wc -l)" = 0 ] &&
	[ "$(find many -name '*.conf' | wc -l)" = 200 ]
ok $? "the end removes all sockets, and no file of options"

mkfifo bytes
(exec dd if=/dev/urandom of=bytes bs=64k 2>/dev/null) &
pids="$pids $!"
serve few --source=file:bytes --stats=stats
timeout 300 "$fleet" churn few 10 10 2 >out 2>err
status=$?
ok $status "guests come and go with a source in a process of its own, too"
finish TERM
[ "$status" = 0 ] && [ "$(grep -c '^vrng_device_bytes_total{' stats)" = 10 ]
ok $? "it writes their statistics"

serve killed
: >killed/guest1.conf
await test -S killed/guest1.sock
helper=$(pgrep -P "$pid" | head -n 1)
finish KILL
await gone "$helper"
await test ! -e killed/guest1.sock
ok $? "sockets do not outlive a device that is killed"

# -------------------------------------------------------------------- options

serve opts
# Others go on.
: >opts/guest1.conf
await test -S opts/guest1.sock
echo 'max-byte=1' >opts/bad1.conf
await grep -qF 'opts/bad1.conf: line 1: "max-byte" is no option; write max-bytes=N' \
	opts.log
ok $? "a bad option is named with its file and line"
printf '# a guest\n\nmax-bytes=x\n' >opts/bad2.conf
await grep -qF 'opts/bad2.conf: line 3: max-bytes' opts.log
ok $? "so is a bad number"
mkfifo opts/bad3.conf
await grep -qF 'opts/bad3.conf: is no regular file; it is left out' opts.log
ok $? "a pipe is not waited for"
head -c 5000 /dev/zero >opts/bad4.conf
await grep -qF 'opts/bad4.conf: has more than 4096 bytes' opts.log
ok $? "a large file is refused"
echo 'mode=640' >opts/total.conf
await grep -qF 'opts/total.conf: line 1: "mode" is no option' opts.log
ok $? "the limit in total has no mode"
timeout 60 "$fleet" take opts 1 16 >out 2>err
status=$?
ok $status "and the other guests are served"
[ "$(find opts -name 'bad*.sock' | wc -l)" = 0 ] && [ "$(grep -c bad1 opts.log)" = 1 ]
ok $? "a bad file makes no socket, and is reported once"
echo 'mode=604' >opts/bad1.conf
await test -S opts/bad1.sock
[ "$(stat -c %a opts/bad1.sock)" = 604 ]
ok $? "a file that is mended makes one, with its mode"
echo 'mode=640' >opts/bad1.conf
# shellcheck disable=SC2317 # await calls it
has_mode() {
	[ "$(stat -c %a opts/bad1.sock)" = "$1" ]
}
await has_mode 640
ok $? "which may change"
echo 'mode=x' >opts/bad1.conf
await grep -q 'bad1.conf: --mode.*what it said before holds' opts.log
[ -S opts/bad1.sock ]
ok $? "a file that turns bad changes nothing"
mv opts opts2
await grep -q 'opts: has gone; guests stay as they are' opts.log
! gone "$pid"
ok $? "a folder that goes away is reported"
mv opts2 opts
finish TERM

# --------------------------------------------------------------------- limits

serve tight --stats=unix:metrics
tight=$pid
printf 'max-bytes=1\nperiod=86400000\n' >tight/guest1.conf
begin_as taker "$fleet" take tight 1 64
taker=$pid
await grep -qx 'got 1' taker.log
# has SAMPLE: it is in the statistics.
# shellcheck disable=SC2317 # await calls it
has() {
	metric "$1" | grep -qx "$1"
}
await has 'vrng_device_throttled{socket="tight/guest1.sock"} 1' &&
	has 'vrng_device_dry{socket="tight/guest1.sock"} 0' &&
	has 'vrng_devices_throttled{process="tight"} 1'
ok $? "a guest that waits for its limit is shown as throttled"
echo 'max-bytes=0' >tight/guest1.conf
await grep -q 'got [67]' taker.log
ok $? "a guest's limit is lifted while it waits"
ended "$taker"

printf 'max-bytes=1\nperiod=86400000\n' >tight/total.conf
: >tight/guest2.conf
await grep -q 'guest2.sock: listening' tight.log
begin_as taker "$fleet" take tight 1 1
ended "$pid"
begin_as other "$fleet" take tight 2 64
other=$pid
await grep -q 'guest2.sock: guest started' tight.log
rm tight/total.conf
await grep -q 'got [67]' other.log
ok $? "and so is the limit of all"
ended "$other"
bytes=$(metric 'vrng_devices_bytes_total' | sed 's/.* //')
rm tight/guest1.conf tight/guest2.conf
await has 'vrng_devices_guests{process="tight"} 0' &&
	[ "$(metric 'vrng_devices_bytes_total' | sed 's/.* //')" = "$bytes" ] &&
	[ "$bytes" -ge 128 ] && ! metric vrng_device_bytes
ok $? "counters in total go on when guests go"
finish TERM "$tight"

mkfifo silent
sleep 600 >silent &
pids="$pids $!"
serve dry --source=file:silent --stats=unix:metrics
: >dry/guest1.conf
await test -S dry/guest1.sock
begin_as taker "$fleet" take dry 1 16
await has 'vrng_device_dry{socket="dry/guest1.sock"} 1' &&
	has 'vrng_devices_dry{process="dry"} 1' &&
	has 'vrng_devices_connected{process="dry"} 1' &&
	has 'vrng_device_throttled{socket="dry/guest1.sock"} 0'
ok $? "a guest that waits for the source is shown as dry"

done_testing
