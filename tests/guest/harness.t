#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the guest harness itself, for prove: what it says when a command, a
# guest or a kernel goes wrong. Needs none of the project's other programs.
set -uo pipefail
. "$(dirname "$0")/tap.sh"

status=0
# Runs keep their directories in here, so that one left behind is seen.
export TMPDIR=$WORK/tmp
mkdir "$TMPDIR"

# run ARGUMENT...: guest's output goes to out, its messages to err. Nothing is
# run for cases that are skipped.
run() {
	[ -z "$NEEDS_WHY" ] || return 0
	"$HERE/guest" "$@" >"$OUT" 2>"$ERR" </dev/null
	status=$?
}

bare() {
	local kernel=$1
	shift
	run --kernel "$kernel" --device none --driver none "$@"
}

ended() {
	[ "$status" = "$1" ] || {
		echo "# it ended with status $status, not $1"
		return 1
	}
}

said() {
	grep -q -e "$1" "$ERR"
}

# A refusal is one line that says what, by a documented status, and no output.
refused() {
	ended "$1" && [ "$(wc -l <"$ERR")" = 1 ] && said "$2" &&
		[ ! -s "$OUT" ]
}

ended_and_said() {
	ended "$1" && said "$2"
}

printed() {
	cmp -s "$OUT" "$WORK/expected"
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
	needs "$kernel"
	{ all_bytes && echo two; } >"$WORK/expected"
	all_bytes >"$WORK/bytes"
	bare "$kernel" --file "$WORK/bytes" -- 'cat /bytes; echo two >&2; exit 7'
	check "$kernel: every byte value, stderr and status 7 pass" \
		ended_and_printed 7
}

keeps_words_apart() {
	local kernel=$1
	needs "$kernel"
	printf '%s\n' "a  b" "it's" "\$HOME;" '' >"$WORK/expected"
	bare "$kernel" -- printf '%s\n' "a  b" "it's" "\$HOME;" ''
	check "$kernel: a command's arguments arrive as they were given" \
		ended_and_printed 0
	bare "$kernel" -- 'kill -TERM $$'
	check "$kernel: a command that a signal ends has status 128 + it" ended 143
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
	needs "$kernel"
	shift
	for seconds; do
		begin=$SECONDS
		hangs_for "$kernel" "$seconds"
		! said 'last words' || break
	done
	check "$kernel: a command that hangs is killed when the time is up" \
		ended_and_said 124 "no end within $seconds s"
	check "$kernel: and not long after" \
		[ $((SECONDS - begin)) -le $((seconds + 60)) ]
	check "$kernel: and its console is shown" said 'last words'
}

finds_panic() {
	local kernel=$1
	needs "$kernel"
	bare "$kernel" --console "$WORK/console" -- 'echo c >/proc/sysrq-trigger'
	check "$kernel: a panic is reported and ends the run" \
		ended_and_said 126 'Kernel panic'
	check "$kernel: the console is kept where asked" \
		grep -q 'Kernel panic' "$WORK/console"
}

# Status: is there a module with faults to choose from?
build_fault() {
	local uml
	uml=$("$HERE/kernel" uml) || return
	mkdir "$WORK/fault" && cp "$HERE/fault.c" "$WORK/fault" || return
	echo 'obj-m := fault.o' >"$WORK/fault/Kbuild"
	make -s -C "$uml/build" ARCH=um M="$WORK/fault" modules \
		>"$OUT" 2>"$ERR" </dev/null
}

finds_fault() {
	local kind=$1 words=$2
	shift 2
	bare uml "$@" --module "$WORK/fault/fault.ko kind=$kind" -- true
	check "uml: $kind is found though the command succeeded" \
		ended_and_said 126 "$words"
}

finds_faults() {
	needs uml
	check 'uml: modules build against its kept tree' build_fault
	bare uml --module "$WORK/fault/fault.ko kind=none" -- true
	check 'uml: a module that does no wrong is no report' ended 0
	finds_fault warn 'WARNING: CPU'
	finds_fault kasan 'KASAN: slab-out-of-bounds'
	finds_fault atomic 'scheduling while atomic'
	finds_fault lockdep 'possible circular locking dependency'
	finds_fault leak 'unreferenced object' --leaks
}

# end_a_run KERNEL: while its command runs.
end_a_run() {
	local pid
	"$HERE/guest" --kernel "$1" --device none --driver none \
		-- 'echo up; sleep 1000' >"$OUT" 2>"$ERR" </dev/null &
	pid=$!
	soon 30 up_or_gone "$pid"
	kill -TERM "$pid" 2>/dev/null
	wait "$pid"
	status=$?
	ended 143
}

up_or_gone() {
	grep -q up "$OUT" || ! kill -0 "$1" 2>/dev/null
}

leaves_nothing_when_ended() {
	local kernel=$1
	needs "$kernel"
	check "$kernel: a run that is told to end does" end_a_run "$kernel"
	check "$kernel: and takes its machine along" soon 5 no_machine
}

# Whatever belongs to a run names its directory.
no_machine() {
	! pgrep -f -- "$TMPDIR/vrng-guest" >"$ERR"
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

end_each_by_itself() {
	local first
	"$HERE/guest" --kernel uml --device none --driver none -- 'exit 5' \
		>"$WORK/first" 2>&1 </dev/null &
	first=$!
	bare uml -- 'exit 6'
	wait "$first"
	[ "$?,$status" = 5,6 ]
}

two_at_once() {
	needs uml
	check 'uml: two guests at once do not meet' end_each_by_itself
}

refuses_wrong_usage() {
	needs
	run --colour red -- true
	check 'an unknown option is refused' refused 64 'colour: no such option'
	run --device floppy -- true
	check 'an unknown device is refused' refused 64 'floppy'
	run --machine toaster -- true
	check 'an unknown machine is refused' refused 64 'toaster: not one of'
	run --timeout soon -- true
	check 'a timeout that is no number is refused' refused 64 'soon'
	run --device
	check 'an option without its value is refused' refused 64 'needs a value'
	run --device none --driver none
	check 'a prompt without a terminal is refused' refused 64 'terminal'
	needs uml
	bare uml --device builtin -- true
	check 'uml: a device that is QEMU'\''s is refused' refused 64 'builtin'
	bare uml --machine q35 -- true
	check 'uml: a machine of QEMU is refused' refused 64 'q35: for x86'
	bare uml --accel kvm -- true
	check 'uml: an accelerator is refused' refused 64 'kvm'
	bare uml --transport pci -- true
	check 'uml: a transport is refused' refused 64 'transport'
	needs debian
	bare debian --transport ccw -- true
	check 'debian: a transport that its machine lacks is refused' refused 64 \
		'ccw: not one of: pci'
	run --kernel debian-vax -- true
	check 'an architecture that is not known is refused' refused 64 'debian-vax'
	bare debian --device egd:nowhere -- true
	check 'debian: an EGD address without port is refused' refused 64 'nowhere'
}

refuses_what_is_missing() {
	needs
	run --kernel "$WORK/none" -- true
	check 'a kernel that is not there is refused' refused 69 "$WORK/none"
	run --kernel "$0" -- true
	check 'a file that is no kernel is refused' refused 69 'neither'
	needs debian
	QEMU=qemu-of-nowhere bare debian -- true
	check 'debian: a missing QEMU is refused' refused 69 'qemu-of-nowhere'
	needs uml
	run --kernel uml --device vhost-user --driver none \
		--socket "$WORK/none" -- true
	check 'a device socket that is not there is refused' refused 69 'no socket'
	bare uml --file "$WORK/none" -- true
	check 'a file that is not there is refused' refused 69 "$WORK/none"
	bare uml --module "$WORK/none.ko" -- true
	check 'a module that is not there is refused' refused 69 'none.ko'
	mkdir -p "$WORK/build/tests/guest"
	cp "$BUILD/tests/guest/init" "$WORK/build/tests/guest"
	B=$WORK/build run --kernel uml --device none --driver vrng -- true
	check 'a driver that is not built is refused' refused 69 'vrng.ko: not built'
	rm -rf "$WORK/build/tests/guest/initramfs"
	touch "$WORK/build/tests/guest/initramfs"
	B=$WORK/build run --kernel uml --device none --driver none -- true
	check 'a build folder that cannot be written is refused' \
		ended_and_said 69 'initramfs: cannot be written'
}

tells_of_broken_guests() {
	needs uml
	bare uml --memory 1 -- true
	check 'uml: a guest that cannot start is no success' ended 125
	needs debian
	bare debian --qemu-arg -no-such-option -- true
	check "debian: QEMU's own complaint is shown" \
		ended_and_said 125 'no-such-option'
	needs uml
	bare uml --module "$HERE/fault.c" -- true
	check 'a module that does not load is told by name' \
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
needs
check 'no run has left its directory behind' nothing_left

done_testing
