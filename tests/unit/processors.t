#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the checks on other processors, by qemu-user: an old one, a new one, and a new
# one whose system does not save the registers of AVX. TAP on stdout.
#
# No emulator has AVX-512, so that engine is compared on real processors only.

# shellcheck source=tests/unit/harness.sh
. "$(dirname "$0")/harness.sh"
rngtest=$(program rngd/rngtest) && rngd=$(program rngd/rngd) || exit 1
tap=$top/tests/unit/tap
emulator=qemu-x86_64

machine=$(readelf -h "$rngtest" 2>/dev/null | sed -n 's/.*Machine: *//p')
case $machine in
*X86-64) ;;
*)
	echo "1..0 # SKIP these programs are not for x86-64"
	exit
	;;
esac
command -v "$emulator" >/dev/null || {
	echo "1..0 # SKIP $emulator is not installed"
	exit
}

# on CPU COMMAND...
on() {
	cpu=$1
	shift
	run "$emulator" -cpu "$cpu" "$@"
}

# Prints what a unit test says about an engine: compared or lacking.
engine_was() {
	if grep -q "^ok [0-9]* - $1_was_compared # SKIP" out; then
		echo lacking
	elif grep -q "^ok [0-9]* - $1_was_compared" out; then
		echo compared
	fi
}

# engines CPU AVX2: each engine that the processor can run counts as the reference
# does, and no other one is run. AVX2 is "compared" or "lacking".
engines() {
	export VRNG_CORPUS=fewest
	run "$tap" "$emulator" -cpu "$1" "$B/tests/unit/fips_paths_test"
	[ "$status" = 0 ] && [ "$(engine_was avx2)" = "$2" ] &&
		[ "$(engine_was avx512)" = lacking ] &&
		[ "$(engine_was portable)" = compared ]
	ok $? "$1: each FIPS engine that it can run counts as the reference does (avx2: $2)"
}

# Prints the lines that have no time or speed.
counts() {
	grep -v 'speed\|Program run time' "$1"
}

# source_of_cpu CPU KIND: rngd asks the processor whether it has this source, and
# ends if not.
source_of_cpu() {
	on "$1" "$rngd" -f --control=none --no-sandbox -o file --blocks=1 \
		--require-source --source="$2"
}

"$rngd" -f --control=none -o stream --blocks=400 \
	--source="drbg:seed=$(printf %064d 20261127)" 2>/dev/null
run "$rngtest" stream
counts err >native

for cpu in Nehalem max max,-xsave; do
	on "$cpu" "$rngtest" stream
	counts err >emulated
	[ "$(wc -c <stream)" = 1000000 ] && grep -q 'successes: [1-9]' native &&
		cmp -s native emulated
	ok $? "$cpu: rngtest counts as on this processor"
done

engines Nehalem lacking
engines max compared
engines max,-xsave lacking

for test in conditioner source_cpu; do
	for cpu in Nehalem max; do
		on "$cpu" "$B/tests/unit/${test}_test"
		ok "$status" "$cpu: ${test}_test passes"
	done
done

on Nehalem "$rngtest" --engine=avx2 stream
[ "$status" != 0 ] && grep -q avx2 err
ok $? "Nehalem: an engine that it cannot run is refused"
for kind in rdrand rdseed; do
	source_of_cpu Nehalem $kind
	[ "$status" = 66 ] && grep -qi "this CPU has no $kind" err
	ok $? "Nehalem: $kind is refused by name"
done
source_of_cpu max rdrand
[ "$(wc -c <file)" = 2500 ]
ok $? "max: rdrand gives bytes"
done_testing
