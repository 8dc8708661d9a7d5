# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# TAP of a matrix. The results of a row are counted in the caller's variables passed,
# failed and skipped. WORK is a folder.

COUNT=0

# result ok|'not ok' NAME: prints and counts the result of one test.
result() {
	COUNT=$((COUNT + 1))
	case $1,$2 in
	ok,*'# SKIP'*) skipped=$((skipped + 1)) ;;
	ok,*) passed=$((passed + 1)) ;;
	*) failed=$((failed + 1)) ;;
	esac
	echo "$1 $COUNT - $2"
}

# Prints the name in "ok 1 - name" or "ok 1 name".
name_of() {
	local name=${1#*ok }
	name=${name#* }
	printf '%s\n' "${name#- }"
}

# take_case NAME: copies the TAP of a test file from stdin, with new numbers.
take_case() {
	local line plan='' seen=0
	while IFS= read -r line; do
		case $line in
		'ok '* | 'not ok '*)
			seen=$((seen + 1))
			result "${line%% [0-9]*}" "$(name_of "$line")"
			;;
		1..*) plan=${line#1..} ;;
		'TAP version '*) ;; # allowed as the first line of a file only
		*) printf '%s\n' "$line" ;;
		esac
	done
	[ "$plan" = "$seen" ] ||
		result 'not ok' "$1: $seen of ${plan:-unknown} results"
}

# step NAME COMMAND...: a test that passes if COMMAND succeeds. Prints the end of its
# output otherwise.
step() {
	local name=$1
	shift
	if "$@" >"$WORK/output" 2>&1 </dev/null; then
		result ok "$name"
		return
	fi
	result 'not ok' "$name"
	tail -n 25 "$WORK/output" | sed 's/^/# /'
	return 1
}
