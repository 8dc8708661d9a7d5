#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the guest harness itself, for prove: what it says when a command, a
# guest or a kernel goes wrong. Needs none of the project's other programs.
set -uo pipefail

HERE=$(dirname "$(readlink -f "$0")")
readonly HERE
BUILD=$(readlink -m "${B:-$HERE/../../build}")
readonly BUILD

count=0
failed=0
status=0
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
# Runs keep their directories in here, so that one left behind is seen.
export TMPDIR=$WORK/tmp
mkdir "$TMPDIR"

# run ARGUMENT...: guest's output goes to out, its messages to err.
run() {
	"$HERE/guest" "$@" >"$WORK/out" 2>"$WORK/err" </dev/null
	status=$?
}

bare() {
	local kernel=$1
	shift
	run --kernel "$kernel" --device none --driver none "$@"
}

# ok NAME COMMAND...: the test passes if COMMAND succeeds.
ok() {
	local name=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $name"
	echo "# status $status; the last of its output and messages:"
	tail -qn 5 "$WORK/out" "$WORK/err" | tr -cd '\n -~' | sed 's/^/# /'
}

ended() {
	[ "$status" = "$1" ]
}

said() {
	grep -q -e "$1" "$WORK/err"
}

# A refusal is one line that says what, by a documented status, and no output.
refused() {
	ended "$1" && [ "$(wc -l <"$WORK/err")" = 1 ] && said "$2" &&
		[ ! -s "$WORK/out" ]
}

ended_and_said() {
	ended "$1" && said "$2"
}

printed() {
	cmp -s "$WORK/out" "$WORK/expected"
}

ended_and_printed() {
	ended "$1" && printed
}

nothing_left() {
	[ -z "$(ls -A "$TMPDIR")" ]
}

all_bytes() {
	local i
	for i in $(seq 0 255); do
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\$(printf %03o "$i")"
	done
}

passes_bytes_and_status() {
	local kernel=$1
	{ all_bytes && echo two; } >"$WORK/expected"
	all_bytes >"$WORK/bytes"
	bare "$kernel" --file "$WORK/bytes" -- 'cat /bytes; echo two >&2; exit 7'
	ok "$kernel: every byte value, stderr and status 7 pass" \
		ended_and_printed 7
}

keeps_words_apart() {
	local kernel=$1
	printf '%s\n' "a  b" "it's" "\$HOME;" '' >"$WORK/expected"
	bare "$kernel" -- printf '%s\n' "a  b" "it's" "\$HOME;" ''
	ok "$kernel: a command's arguments arrive as they were given" \
		ended_and_printed 0
	bare "$kernel" -- 'kill -TERM $$'
	ok "$kernel: a command that a signal ends has status 128 + it" ended 143
}

hangs_for() {
	local kernel=$1 seconds=$2
	bare "$kernel" --timeout "$seconds" -- 'echo "<1>last words" >/dev/kmsg
		sleep 1000'
}

# How long a boot takes is the machine's to say: more time is given until the
# command was reached.
kills_what_hangs() {
	local kernel=$1 seconds begin
	shift
	for seconds; do
		begin=$SECONDS
		hangs_for "$kernel" "$seconds"
		! said 'last words' || break
	done
	ok "$kernel: a command that hangs is killed when the time is up" \
		ended_and_said 124 "no end within $seconds s"
	ok "$kernel: and not long after" \
		[ $((SECONDS - begin)) -le $((seconds + 60)) ]
	ok "$kernel: and its console is shown" said 'last words'
}

finds_panic() {
	local kernel=$1
	bare "$kernel" --console "$WORK/console" -- 'echo c >/proc/sysrq-trigger'
	ok "$kernel: a panic is reported and ends the run" \
		ended_and_said 126 'Kernel panic'
	ok "$kernel: the console is kept where asked" \
		grep -q 'Kernel panic' "$WORK/console"
}

build_fault() {
	local uml
	uml=$("$HERE/kernel" uml) || return
	mkdir "$WORK/fault" && cp "$HERE/fault.c" "$WORK/fault" || return
	echo 'obj-m := fault.o' >"$WORK/fault/Kbuild"
	make -s -C "$uml/build" ARCH=um M="$WORK/fault" modules \
		>"$WORK/out" 2>"$WORK/err" </dev/null
}

finds_fault() {
	local kind=$1 words=$2
	shift 2
	bare uml "$@" --module "$WORK/fault/fault.ko kind=$kind" -- true
	ok "uml: $kind is found though the command succeeded" \
		ended_and_said 126 "$words"
}

finds_faults() {
	ok 'uml: modules build against its kept tree' build_fault
	bare uml --module "$WORK/fault/fault.ko kind=none" -- true
	ok 'uml: a module that does no wrong is no report' ended 0
	finds_fault warn 'WARNING: CPU'
	finds_fault kasan 'KASAN: slab-out-of-bounds'
	finds_fault atomic 'scheduling while atomic'
	finds_fault lockdep 'possible circular locking dependency'
	finds_fault leak 'unreferenced object' --leaks
}

leaves_nothing_when_ended() {
	local kernel=$1 pid
	"$HERE/guest" --kernel "$kernel" --device none --driver none \
		-- 'echo up; sleep 1000' >"$WORK/out" 2>"$WORK/err" </dev/null &
	pid=$!
	soon 30 grep -q up "$WORK/out"
	kill -TERM "$pid"
	wait "$pid"
	status=$?
	ok "$kernel: a run that is told to end does" ended 143
	ok "$kernel: and takes its machine along" soon 5 no_machine
}

# Whatever belongs to a run names its directory.
no_machine() {
	! pgrep -f -- "$TMPDIR/vrng-guest" >"$WORK/err"
}

# soon SECONDS COMMAND...: until it succeeds, or fails for good after that time.
soon() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -le "$end" ] || return 1
		sleep 0.05
	done
}

two_at_once() {
	local first
	"$HERE/guest" --kernel uml --device none --driver none -- 'exit 5' \
		>"$WORK/first" 2>&1 </dev/null &
	first=$!
	bare uml -- 'exit 6'
	wait "$first"
	ok 'uml: two guests at once do not meet' [ "$?,$status" = 5,6 ]
}

refuses_wrong_usage() {
	run --colour red -- true
	ok 'an unknown option is refused' refused 64 'colour: no such option'
	run --device floppy -- true
	ok 'an unknown device is refused' refused 64 'floppy'
	run --machine toaster -- true
	ok 'an unknown machine is refused' refused 64 'toaster: not one of'
	run --timeout soon -- true
	ok 'a timeout that is no number is refused' refused 64 'soon'
	run --device
	ok 'an option without its value is refused' refused 64 'needs a value'
	run --device none --driver none
	ok 'a prompt without a terminal is refused' refused 64 'terminal'
	bare uml --device builtin -- true
	ok 'uml: a device that is QEMU'\''s is refused' refused 64 'builtin'
	bare uml --machine q35 -- true
	ok 'uml: a machine of QEMU is refused' refused 64 'q35: for x86'
	bare uml --accel kvm -- true
	ok 'uml: an accelerator is refused' refused 64 'kvm'
	bare uml --transport pci -- true
	ok 'uml: a transport is refused' refused 64 'transport'
	bare debian --transport ccw -- true
	ok 'debian: a transport that its machine lacks is refused' refused 64 \
		'ccw: not one of: pci'
	run --kernel debian-vax -- true
	ok 'an architecture that is not known is refused' refused 64 'debian-vax'
	bare debian --device egd:nowhere -- true
	ok 'debian: an EGD address without port is refused' refused 64 'nowhere'
}

refuses_what_is_missing() {
	run --kernel "$WORK/none" -- true
	ok 'a kernel that is not there is refused' refused 69 "$WORK/none"
	run --kernel "$0" -- true
	ok 'a file that is no kernel is refused' refused 69 'neither'
	QEMU=qemu-of-nowhere bare debian -- true
	ok 'debian: a missing QEMU is refused' refused 69 'qemu-of-nowhere'
	run --kernel uml --device vhost-user --driver none \
		--socket "$WORK/none" -- true
	ok 'a device socket that is not there is refused' refused 69 'no socket'
	bare uml --file "$WORK/none" -- true
	ok 'a file that is not there is refused' refused 69 "$WORK/none"
	bare uml --module "$WORK/none.ko" -- true
	ok 'a module that is not there is refused' refused 69 'none.ko'
	mkdir -p "$WORK/build/tests/guest"
	cp "$BUILD/tests/guest/init" "$WORK/build/tests/guest"
	B=$WORK/build run --kernel uml --device none --driver vrng -- true
	ok 'a driver that is not built is refused' refused 69 'vrng.ko: not built'
}

tells_of_broken_guests() {
	bare uml --memory 1 -- true
	ok 'uml: a guest that cannot start is no success' ended 125
	bare debian --qemu-arg -no-such-option -- true
	ok "debian: QEMU's own complaint is shown" \
		ended_and_said 125 'no-such-option'
	bare uml --module "$HERE/fault.c" -- true
	ok 'a module that does not load is told by name' \
		ended_and_said 125 'fault.c'
}

for kernel in uml debian; do
	passes_bytes_and_status "$kernel"
	finds_panic "$kernel"
done
keeps_words_apart uml
kills_what_hangs uml 3 30 120
kills_what_hangs debian 10 60 240
leaves_nothing_when_ended uml
leaves_nothing_when_ended debian
finds_faults
two_at_once
refuses_wrong_usage
refuses_what_is_missing
tells_of_broken_guests
ok 'no run has left its directory behind' nothing_left

echo "1..$count"
[ "$failed" = 0 ]
