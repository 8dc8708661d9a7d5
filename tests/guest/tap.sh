# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the guest cases, which source it: runs guests, checks what they print and prints
# TAP.

TAP_COUNT=0
HERE=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
TOP=$(readlink -f "$HERE/../..")
BUILD=$(readlink -m "${B:-$TOP/build}")
# shellcheck source=tests/guest/lib/kinds.sh
. "$HERE/lib/kinds.sh"
# shellcheck source=tests/guest/lib/until.sh
. "$HERE/lib/until.sh"
# shellcheck source=tests/guest/lib/workdir.sh
. "$HERE/lib/workdir.sh"
WORK=$(readlink -f "$(work_dir case "$WORKDIR_TEST")") || exit
OUT=$WORK/out # what the last guest printed
ERR=$WORK/err
touch "$OUT" "$ERR"
TOOLS=()
for tool in pace rate streamcheck; do
	TOOLS+=(--file "$BUILD/tests/guest/$tool")
done
trap 'rm -rf "$WORK"' EXIT

# The source of known bytes for byte-exact cases.
readonly DRBG=drbg:seed=$(printf '%064d' 20261122)
# What a guest measures in milliseconds takes longer than this only if it hangs.
readonly HANG_MS=$((1000 * HANG_SECONDS))

ok() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT - $*"
}

not_ok() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "not ok $TAP_COUNT - $*"
	[ ! -s "$ERR" ] || tail -n 60 "$ERR" | sed 's/^/#  /'
	[ ! -s "$OUT" ] || tail -n 20 "$OUT" | tr -cd '\n\t -~' | sed 's/^/#  | /'
}

# skip NAME REASON
skip() {
	ok "$1 # SKIP $2"
}

# The reason why the next cases are skipped, or nothing.
SKIP_REASON=

# needs [KERNEL]...: the next cases, until the next `needs`, need guests with all of
# these. If guests of one do not run here, the first such case of a run fails and says
# so. Status: can the cases be run?
needs() {
	local kernel
	SKIP_REASON=
	for kernel; do
		kind_look "$kernel"
		[ -n "$KIND_REASON" ] || continue
		SKIP_REASON="$kernel guests do not run here: $KIND_REASON"
		: >"$OUT"
		cp "$KIND_LOG" "$ERR"
		[ -z "$KIND_NEW" ] || not_ok "$kernel guests run here"
	done
	[ -z "$SKIP_REASON" ]
}

# check NAME COMMAND...: a case that passes if COMMAND succeeds. Status: 1 if it does not.
check() {
	local name=$1
	shift
	if [ -n "$SKIP_REASON" ]; then
		skip "$name" "$SKIP_REASON"
	elif "$@"; then
		ok "$name"
	else
		not_ok "$name"
		return 1
	fi
}

# in_guest [OPTION...] -- COMMAND: runs a guest, with its output in $OUT.
in_guest() {
	"$HERE/guest" --timeout 240 "$@" >"$OUT" 2>"$ERR" </dev/null
}

# value NAME: prints the last VALUE that the guest printed as NAME=VALUE, anywhere in a
# line, or nothing.
value() {
	sed -n "s/.*\<$1=\([^ ]*\).*/\1/p" "$OUT" | tail -n 1
}

# note NAME...: copies values that the guest printed into the results, as comments.
note() {
	local name number
	for name; do
		number=$(value "$name")
		[ -z "$number" ] || echo "# $name: $number"
	done
}

# prints NAME VALUE: did the guest print that?
prints() {
	local found
	found=$(value "$1")
	[ "$found" != "$2" ] || return 0
	misprinted "$1" "$found" "not $2"
}

# misprinted NAME VALUE WRONG: prints the line for a value that fails a check.
misprinted() {
	if [ -n "$2" ]; then
		echo "# $1: the guest printed $2, $3"
	else
		echo "# $1: the guest did not print it"
	fi
	return 1
}

# figure NAME: sets FIGURE to the number that the guest printed as NAME.
figure() {
	FIGURE=$(value "$1")
	[[ $FIGURE =~ ^-?(0|[1-9][0-9]*|0x[0-9a-f]+)$ ]] ||
		misprinted "$1" "$FIGURE" "which is no number"
}

# figures TERM: sets FIGURES to TERM with a number in place of each name.
figures() {
	local tokens word
	read -ra tokens <<<"$1"
	FIGURES=
	for word in "${tokens[@]}"; do
		if [[ $word == [a-z]* ]]; then
			figure "$word" || return
			word=$FIGURE
		fi
		FIGURES+="$word "
	done
}

# holds TERM...: is each of these true? A term is arithmetic, with spaces between its
# words. Words that begin with a lower case letter are names that the guest printed.
holds() {
	local term
	for term; do
		figures "$term" || return
		if ! ((FIGURES)); then
			echo "# not so: $term: $FIGURES"
			return 1
		fi
	done
}

# is_accounted BYTES: is each byte accounted for? To be used after streamcheck of BYTES
# and SHOW_COUNTERS. Gaps in the stream are chunks that the hwrng core read for itself
# and bytes that the driver discarded. The driver counts both. After our last read the
# core may read one or two more chunks, and unread bytes are discarded.
is_accounted() {
	local others='bytes_read - chunk * chunks'
	holds "$others <= gap_bytes + 2 * chunk" \
		"gap_bytes <= $others + bytes_discarded" \
		"bytes == $1" \
		"short == 0" \
		"device_errors == 0"
}

# Commands for a guest: print the driver's counters, one NAME=VALUE a line.
# shellcheck disable=SC2016 # expanded in there
readonly SHOW_COUNTERS='
cd /sys/bus/virtio/drivers/vrng/virtio*/vrng
for name in *; do echo "$name=$(cat "$name")"; done
'

done_testing() {
	echo "1..$TAP_COUNT"
}
