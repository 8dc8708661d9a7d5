#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The TAP of a matrix (tests/guest/lib/rows.sh): results of several test files become
# those of one. And what tests/unit/tap prints of a failure.
cd "$(dirname "$0")/../.." || exit 1
WORK=$(mktemp -d "${TMPDIR:-/tmp}/vrng-rows.XXXXXX") || exit
trap 'rm -rf "$WORK"' EXIT

# copied TAP...: what take_case prints of these lines, then the counters.
copied() {
	(
		# shellcheck source=/dev/null
		. tests/guest/lib/rows.sh
		# shellcheck disable=SC2034 # of rows.sh
		passed=0 failed=0 skipped=0 COUNT=7
		take_case file < <(printf '%s\n' "$@")
		echo "$passed $failed $skipped"
	)
}

CASE_OUT=$WORK/out
# shellcheck source=cases.sh
. tests/unit/cases.sh

# equals TEXT FOUND
equals() {
	printf '%s\n' "$2"
	[ "$1" = "$2" ]
}

# expect NAME TEXT TAP...: take_case prints TEXT, with the counters.
expect() {
	local name=$1 want=$2
	shift 2
	ok "$name" equals "$want" "$(copied "$@")"
}

# told NAME TEXT TAP...: tap prints TEXT on standard error.
told() {
	local name=$1 want=$2
	shift 2
	ok "$name" equals "$want" \
		"$(env -u TAP_FAILURES tests/unit/tap printf '%s\n' "$@" 2>&1 >/dev/null)"
}

expect "results are renumbered" $'ok 8 - one\nok 9 - two\n2 0 0' \
	'ok 1 - one' 'ok 2 - two' 1..2
expect "failures and skips are counted" \
	$'not ok 8 - one\nok 9 - two # SKIP no\n0 1 1' \
	'not ok 1 - one' 'ok 2 - two # SKIP no' 1..2
expect "a TAP version, which only a file may begin with, is left out" \
	$'ok 8 - one\n1 0 0' 'TAP version 13' 1..1 'ok 1 - one'
expect "a file that ends early is a failure" \
	$'ok 8 - one\nnot ok 9 - file: 1 of 2 results\n1 1 0' 1..2 'ok 1 - one'
expect "a file without a plan is a failure" \
	$'ok 8 - one\nnot ok 9 - file: 1 of unknown results\n1 1 0' 'ok 1 - one'
told "a failure is printed with the comments around it" \
	$'printf: # before\nprintf: not ok 2 - two\nprintf: # after' \
	'ok 1 - one' '# before' 'not ok 2 - two' '# after' 'ok 3 - three' '# more' 1..3
told "a result that passes is not printed there" '' '# before' 'ok 1 - one' '# after' 1..1

# A shell prints the command of a process that was killed.
aborts_briefly() {
	env -u TAP_FAILURES tests/unit/tap sh -c 'kill -ABRT $$' >"$WORK/aborted" 2>&1
	[ $? = 134 ] && [ "$(wc -l <"$WORK/aborted")" -le 2 ] &&
		! grep -q 'function tell' "$WORK/aborted"
}
ok "a program that aborts gives its status, and no source of the filter" \
	aborts_briefly

end_cases
