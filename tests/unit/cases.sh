# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# TAP of the cases of one script, for scripts that test shell code. They set
# CASE_OUT to a file first; a command's output goes there and is printed if it fails.

CASES=0
CASES_FAILED=0

# Prints more about a failure. A script may define its own.
explain() {
	:
}

# ok NAME COMMAND...: the case passes if COMMAND succeeds.
ok() {
	local name=$1
	shift
	CASES=$((CASES + 1))
	if "$@" >"$CASE_OUT" 2>&1; then
		echo "ok $CASES - $name"
		return
	fi
	CASES_FAILED=1
	echo "not ok $CASES - $name"
	{
		cat "$CASE_OUT"
		explain
	} | head -n 40 | sed 's/^/# /'
}

# end_cases: prints the plan. Its status is that of the script.
end_cases() {
	echo "1..$CASES"
	return "$CASES_FAILED"
}
