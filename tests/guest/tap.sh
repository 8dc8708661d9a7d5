# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the guest cases, which source it: a guest to ask and TAP to say it in.

TAP_COUNT=0
HERE=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
TOP=$(readlink -f "$HERE/../..")
BUILD=$(readlink -m "${B:-$TOP/build}")
# shellcheck source=tests/guest/lib/kinds.sh
. "$HERE/lib/kinds.sh"
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

# Public by its nature: the stream that byte-exact cases are held against.
readonly DRBG=drbg:seed=$(printf '%064d' 20261122)

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

# skip NAME WHY: a case that is left out.
skip() {
	ok "$1 # SKIP $2"
}

# Why the cases that follow are skipped, or nothing.
NEEDS_WHY=

# needs [KERNEL]...: the cases that follow, until the next `needs`, take guests
# with all of these. The first case of a run to find one that does not run here
# fails and says so. Status: can the cases be run?
needs() {
	local kernel
	NEEDS_WHY=
	for kernel; do
		kind_look "$kernel"
		[ -n "$KIND_WHY" ] || continue
		NEEDS_WHY="$kernel guests do not run here: $KIND_WHY"
		: >"$OUT"
		cp "$KIND_WORDS" "$ERR"
		[ -z "$KIND_NEW" ] || not_ok "$kernel guests run here"
	done
	[ -z "$NEEDS_WHY" ]
}

# check NAME COMMAND...: is COMMAND's status 0? Status: 1 if it is not.
check() {
	local name=$1
	shift
	if [ -n "$NEEDS_WHY" ]; then
		skip "$name" "$NEEDS_WHY"
	elif "$@"; then
		ok "$name"
	else
		not_ok "$name"
		return 1
	fi
}

# in_guest [OPTION...] -- COMMAND: one guest, its output in $OUT.
in_guest() {
	"$HERE/guest" --timeout 240 "$@" >"$OUT" 2>"$ERR" </dev/null
}

# value NAME: what the guest printed as NAME=VALUE, anywhere in a line; nothing
# if it did not print it.
value() {
	sed -n "s/.*\<$1=\([^ ]*\).*/\1/p" "$OUT" | tail -n 1
}

# note NAME...: what the guest printed, for whoever reads the results.
note() {
	local name number
	for name; do
		number=$(value "$name")
		[ -z "$number" ] || echo "# $name: $number"
	done
}

# prints NAME VALUE: is that what the guest printed?
prints() {
	local found
	found=$(value "$1")
	[ "$found" != "$2" ] || return 0
	misprinted "$1" "$found" "not $2"
}

# misprinted NAME VALUE WRONG: the line for a value that fails a check.
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

# figures TERM: sets FIGURES to TERM with a number for each name in it.
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

# Is each of these true? A term is arithmetic, its words apart by spaces; those
# that begin with a small letter are names of what the guest printed.
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

# is_accounted BYTES: after streamcheck of so many, and SHOW_COUNTERS. What the core
# took for itself are gaps in what we saw, and so is what the driver dropped while
# we read. It counted both; yet the core may have taken a chunk or two after our
# last, and unread bytes are dropped once we stop.
is_accounted() {
	local others='bytes_read - chunk * chunks'
	holds "$others <= gap_bytes + 2 * chunk" \
		"gap_bytes <= $others + bytes_discarded" \
		"bytes == $1" \
		"short == 0" \
		"device_errors == 0"
}

# Said inside a guest, after cd to the device's group: one NAME=VALUE a line.
# shellcheck disable=SC2016 # expanded in there
readonly SHOW_COUNTERS='
cd /sys/bus/virtio/drivers/vrng/virtio*/vrng
for name in *; do echo "$name=$(cat "$name")"; done
'

done_testing() {
	echo "1..$TAP_COUNT"
}
