# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the guest cases, which source it: a guest to ask and TAP to say it in.

TAP_COUNT=0
HERE=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
TOP=$(readlink -f "$HERE/../..")
BUILD=$TOP/build
WORK=$(mktemp -d "${TMPDIR:-/tmp}/vrng-case.XXXXXX")
OUT=$WORK/out # what the last guest printed
ERR=$WORK/err
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

# check NAME COMMAND...: is COMMAND's status 0?
check() {
	local name=$1
	shift
	if "$@"; then ok "$name"; else not_ok "$name"; fi
}

# in_guest [OPTION...] -- COMMAND: one guest, its output in $OUT.
in_guest() {
	"$HERE/guest" --timeout 240 "$@" >"$OUT" 2>"$ERR" </dev/null
}

# value NAME: what the guest printed as NAME=VALUE, anywhere in a line.
value() {
	sed -n "s/.*\<$1=\([^ ]*\).*/\1/p" "$OUT" | tail -n 1
}

# Is each of these, as arithmetic, true?
holds() {
	local term
	for term; do
		if ! (($term)); then
			echo "# not so: $term"
			return 1
		fi
	done
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
