#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the guest harness itself, for prove: its messages and statuses when a
# command, a guest or a kernel fails. Needs none of the project's other programs.
set -uo pipefail
. "$(dirname "$0")/tap.sh"

status=0
# Runs make their directories in here, so that a directory left behind is found.
export TMPDIR=$WORK/tmp
mkdir "$TMPDIR"

# run ARGUMENT...: runs guest, with its output in $OUT and its messages in $ERR. Does
# nothing for cases that are skipped.
run() {
	[ -z "$SKIP_REASON" ] || return 0
	"$HERE/guest" "$@" >"$OUT" 2>"$ERR" </dev/null
	status=$?
}

# bare KERNEL [ARGUMENT...]: a guest without device and driver.
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

# refused STATUS TEXT: that status, one line of message that has TEXT, and no output.
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

keeps_arguments() {
	local kernel=$1
	needs "$kernel"
	printf '%s\n' "a  b" "it's" "\$HOME;" '' >"$WORK/expected"
	bare "$kernel" -- printf '%s\n' "a  b" "it's" "\$HOME;" ''
	check "$kernel: a command's arguments arrive as they were given" \
		ended_and_printed 0
	bare "$kernel" -- 'kill -TERM $$'
	check "$kernel: a command that a signal ends has status 128 plus its number" ended 143
}

hangs_for() {
	local kernel=$1 seconds=$2
	bare "$kernel" --timeout "$seconds" -- 'echo "<1>last words" >/dev/kmsg
		sleep 1000'
}

# kills_what_hangs KERNEL SECONDS...: tries the timeouts in turn until the guest
# reaches the command: how long a boot takes depends on the machine.
kills_what_hangs() {
	local kernel=$1 seconds begin
	needs "$kernel"
	shift
	for seconds; do
		begin=$SECONDS
		hangs_for "$kernel" "$seconds"
		! said 'last words' || break
	done
	check "$kernel: a command that hangs is killed at the timeout" \
		ended_and_said 124 "no end within $seconds s"
	check "$kernel: within a minute of the timeout" \
		[ $((SECONDS - begin)) -le $((seconds + HANG_SECONDS)) ]
	check "$kernel: the console of the killed guest is shown" said 'last words'
}

finds_panic() {
	local kernel=$1
	needs "$kernel"
	bare "$kernel" --console "$WORK/console" -- 'echo c >/proc/sysrq-trigger'
	check "$kernel: a panic is reported and ends the run" \
		ended_and_said 126 'Kernel panic'
	check "$kernel: --console keeps the console" \
		grep -q 'Kernel panic' "$WORK/console"
}

# Builds the module whose parameter "kind" chooses a fault.
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
	check "uml: the fault \"$kind\" is found though the command succeeded" \
		ended_and_said 126 "$words"
}

finds_faults() {
	needs uml
	check 'uml: modules build against its kept tree' build_fault
	bare uml --module "$WORK/fault/fault.ko kind=none" -- true
	check 'uml: a module without a fault is not reported' ended 0
	finds_fault warn 'WARNING: CPU'
	finds_fault kasan 'KASAN: slab-out-of-bounds'
	finds_fault atomic 'scheduling while atomic'
	finds_fault lockdep 'possible circular locking dependency'
	finds_fault leak 'unreferenced object' --leaks
}

# end_a_run KERNEL: ends `guest` with SIGTERM while its command runs.
end_a_run() {
	local pid
	# The last guest printed "up", too, and a shell that is ended before it runs
	# the program may execute our trap.
	: >"$OUT"
	"$HERE/guest" --kernel "$1" --device none --driver none \
		-- 'echo up; sleep 1000' >"$OUT" 2>"$ERR" </dev/null &
	pid=$!
	soon $((2 * HANG_SECONDS)) up_or_gone "$pid"
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
	check "$kernel: SIGTERM ends a run" end_a_run "$kernel"
	check "$kernel: SIGTERM ends the machine of the run" soon "$HANG_SECONDS" no_machine
}

# The command lines of all processes of a run have its directory.
no_machine() {
	! pgrep -f -- "$TMPDIR/vrng-guest" >"$ERR"
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
	check 'uml: two guests run at the same time' end_each_by_itself
}

refuses_wrong_usage() {
	needs
	run --colour red -- true
	check 'an unknown option is refused' refused 64 'colour: no such option'
	run --device floppy -- true
	check 'an unknown device is refused' refused 64 'floppy'
	run --source getrandom -- true
	check 'a source for a device that has none is refused' \
		refused 64 'vhost-user only, not for builtin'
	run --transport usb -- true
	check 'an unknown transport is refused' refused 64 'usb: not one of'
	run --kernel debain -- true
	check 'a misspelt kernel is refused, with the names' \
		refused 64 'debain: no such kernel; choose debian, '
	run --driver none --driver-param depth=1 -- true
	check 'a parameter without a driver is refused' refused 64 'needs a driver'
	run --machine toaster -- true
	check 'an unknown machine is refused' refused 64 'toaster: not one of'
	run --timeout soon -- true
	check 'a timeout that is not a number is refused' refused 64 'soon'
	run --device
	check 'an option without its value is refused' refused 64 'needs a value'
	run --device none --driver none
	check 'a prompt without a terminal is refused' refused 64 'terminal'
	needs uml
	bare uml --device builtin -- true
	check 'uml: a device of QEMU is refused' refused 64 'builtin'
	bare uml --machine q35 -- true
	check 'uml: a machine of QEMU is refused' refused 64 'q35: for x86'
	bare uml --module "$WORK/fault/fault.ko knid=warn" -- true
	check "uml: an unknown module parameter is refused, with the module's" \
		refused 64 'fault.ko has no parameter knid; it has: kind'
	bare uml --accel kvm -- true
	check 'uml: an accelerator is refused' refused 64 'kvm'
	bare uml --transport pci -- true
	check 'uml: a transport is refused' refused 64 'transport'
	bare uml --cpus 2 -- true
	check 'uml: a second processor is refused' refused 64 'one processor'
	needs debian
	bare debian --transport ccw -- true
	check 'debian: a transport that its machine lacks is refused' refused 64 \
		'ccw: the machine decides, and pc (amd64) has pci'
	bare debian --leaks -- true
	check 'debian: a search for leaks without kmemleak is refused' \
		refused 64 'no kmemleak'
	run --kernel debian-vax -- true
	check 'an unknown architecture is refused' refused 64 'debian-vax: no such kernel'
	bare debian --device egd:nowhere -- true
	check 'debian: an EGD address without port is refused' refused 64 'nowhere'
	bare debian --device egd:localhost:http -- true
	check 'debian: an EGD port that is no number is refused' refused 64 \
		'http is not a port'
	run --kernel debian --device none --driver-param bogus=1 -- true
	check "debian: an unknown driver parameter is refused, with the driver's" \
		refused 64 'no parameter bogus; it has: .*depth'
	run --kernel debian --device none --driver virtio_rng \
		--driver-param depth=1 -- true
	check 'debian: a parameter of the other driver is refused' \
		refused 64 'no parameter depth; it has: none'
}

refuses_what_is_missing() {
	needs
	run --kernel "$WORK/none" -- true
	check 'a kernel that does not exist is refused' refused 69 "$WORK/none"
	run --device "egd:unix:$WORK/none" -- true
	check 'an EGD socket that does not exist is refused' refused 69 'no socket'
	run --device "random:$WORK/none" -- true
	check 'a random device that does not exist is refused' refused 69 'no such file'
	run --kernel "$0" -- true
	check 'a file that is not a kernel is refused' refused 69 'neither'
	needs debian
	QEMU=qemu-of-nowhere bare debian -- true
	check 'debian: a missing QEMU is refused' refused 69 'qemu-of-nowhere'
	needs uml
	run --kernel uml --device vhost-user --driver none \
		--socket "$WORK/none" -- true
	check 'a device socket that does not exist is refused' refused 69 'no socket'
	bare uml --file "$WORK/none" -- true
	check 'a file that does not exist is refused' refused 69 "$WORK/none"
	bare uml --module "$WORK/none.ko" -- true
	check 'a module that does not exist is refused' refused 69 'none.ko'
	mkdir -p "$WORK/build/tests/guest"
	cp "$BUILD/tests/guest/init" "$WORK/build/tests/guest"
	B=$WORK/build run --kernel uml --device none --driver vrng -- true
	check 'a driver that is not built is refused' refused 69 \
		"not built; run 'make module-uml'"
	rm -rf "$WORK/build/tests/guest/initramfs"
	touch "$WORK/build/tests/guest/initramfs"
	B=$WORK/build run --kernel uml --device none --driver none -- true
	check 'a build folder that is not writable is refused' \
		ended_and_said 69 'initramfs: cannot be written'
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$TOP" B="$WORK/make" \
		KVER=none KDIR="$WORK/none" module >"$OUT" 2>"$ERR"
	status=$?
	check 'a kernel tree that does not exist is refused, with advice' \
		ended_and_said 2 'none: give KDIR='
}

# with_stubs COMMAND...: runs COMMAND in a shell with the functions of the cache and the
# suites. There suite_refresh fails with $ERROR, and apt lists two packages.
# shellcheck disable=SC2016 # expanded in there
with_stubs() {
	ERROR=${ERROR-} XDG_CACHE_HOME=$WORK/cache bash -c '
		HERE=$1
		for part in common entry suite kernel_arch; do
			. "$HERE/lib/$part.sh"
		done
		suite_refresh() {
			SUITE_ERROR=$ERROR
			return 1
		}
		apt() {
			printf "%s file %s sum\n" one 1000000 two 2600000
		}
		shift
		"$@"' kernel "$HERE" "$@" >"$OUT" 2>"$ERR" </dev/null
	status=$?
}

ended_silently() {
	ended "$1" && [ ! -s "$OUT" ] && [ ! -s "$ERR" ]
}

reports_downloads() {
	needs
	ERROR="old: E: The repository does not have a Release file." \
		with_stubs suite_try old
	check 'a suite that the mirror does not have is left out silently' \
		ended_silently 1
	ERROR='new: E: Failed to fetch' with_stubs suite_try new
	check 'a suite that cannot be downloaded is reported' refused 1 'to fetch'
	with_stubs announce_size apt
	check 'the size of a download is announced without a terminal' \
		refused 0 'downloading 2 packages, 4 MB'
}

# Two entries for kernels of s390x, of which the tree of one was deleted, and one of
# another architecture.
make_arch_entries() {
	local entry tree
	for entry in s390x-000000000001 s390x-000000000002 arm64-000000000001; do
		tree=arch-$entry
		mkdir -p "$WORK/cache/vrng/debian-arch-1-6.1-$tree"
		ln -s "../$tree/root" "$WORK/cache/vrng/debian-arch-1-6.1-$tree/root"
	done
	mkdir -p "$WORK/cache/vrng/arch-s390x-000000000002/root"
}

dangling_is_removed() {
	[ "$(cd "$WORK/cache/vrng" && echo debian-arch-*)" = \
		"debian-arch-1-6.1-arch-arm64-000000000001 \
debian-arch-1-6.1-arch-s390x-000000000002" ]
}

knows_architectures() {
	needs
	make_arch_entries
	with_stubs eval 'ARCH=s390x; arch_remove_dangling'
	check 'kernels of an architecture go with its deleted tree' dangling_is_removed
	if ! command -v apt-get >/dev/null; then
		skip "this machine's own architecture is refused by tests/arch/build" \
			"it needs a Debian system"
		return
	fi
	mkdir "$WORK/bin"
	printf '#!/bin/sh\necho s390x\n' >"$WORK/bin/dpkg"
	chmod 755 "$WORK/bin/dpkg"
	PATH=$WORK/bin:$PATH "$TOP/tests/arch/build" s390x programs \
		>"$OUT" 2>"$ERR" </dev/null
	status=$?
	check "this machine's own architecture is refused by tests/arch/build" \
		refused 64 "s390x: the architecture of this machine: run 'make'"
}

tells_of_broken_guests() {
	needs uml
	bare uml --memory 1 -- true
	check 'uml: a guest that cannot start fails' ended 125
	needs debian
	bare debian --qemu-arg -no-such-option -- true
	check "debian: QEMU's own message is shown" \
		ended_and_said 125 'no-such-option'
	needs uml
	bare uml --module "$HERE/fault.c" -- true
	check 'a module that does not load is named' \
		ended_and_said 125 'fault.c'
}

for kernel in uml debian; do
	passes_bytes_and_status "$kernel"
	finds_panic "$kernel"
done
keeps_arguments uml
kills_what_hangs uml 3 30 120
kills_what_hangs debian 10 60 240
leaves_nothing_when_ended uml
leaves_nothing_when_ended debian
finds_faults
two_at_once
refuses_wrong_usage
refuses_what_is_missing
reports_downloads
knows_architectures
tells_of_broken_guests
needs
check 'no run left its directory behind' nothing_left

done_testing
