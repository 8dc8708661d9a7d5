# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the benches. Collects samples by name, prints their statistics, and
# records them for `report`. A bench measures its sides by turns, so that
# disturbances of the machine hit all of them.
#
# FIGURES names a file to which records are appended, one line a figure, with
# tabs:
#   bench, part, unit, label, x, count, median, least, quartiles (two), most
# and one line for each part that is to be drawn: "chart", bench, part, unit,
# name, x unit, "log" or "linear". Without FIGURES nothing is recorded.
#
# ROUNDS is the number of turns, where a bench has no other name for it.

export LC_ALL=C
MEMORY=/dev/shm
[ -w "$MEMORY" ] || MEMORY=${TMPDIR:-/tmp}
WORK=$(mktemp -d "$MEMORY/vrng-bench.XXXXXX") || exit
chmod 755 "$WORK" # rngd's other process is another user's
mkdir "$WORK/samples"
BENCH=$(basename "$0")
PIDS=() # background processes, killed at the end
PART=
UNIT=

end_bench() {
	local pid
	for pid in "${PIDS[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$WORK"
}
trap end_bench EXIT
trap 'exit 130' INT TERM

die() {
	echo "$BENCH: $*" >&2
	exit 1
}

# until_said TEXT FILE: waits until FILE contains TEXT, for at most a minute.
until_said() {
	local tries=6000
	until grep -qs -e "$1" "$2"; do
		[ $((tries -= 1)) -gt 0 ] || {
			cat "$2" >&2
			die "\"$1\" did not appear within a minute"
		}
		sleep 0.01
	done
}

# begin NAME COMMAND...: runs it in the background with output to NAME.log. Sets
# PID.
begin() {
	local name=$1
	shift
	: >"$WORK/$name.log"
	"$@" >"$WORK/$name.log" 2>&1 </dev/null &
	PID=$!
	PIDS+=("$PID")
}

# finish PID: ends it by SIGTERM and waits.
finish() {
	local pid others=()
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
	for pid in "${PIDS[@]}"; do
		[ "$pid" = "$1" ] || others+=("$pid")
	done
	PIDS=("${others[@]}")
}

# now: prints the time in microseconds.
now() {
	echo $((${EPOCHREALTIME/[.,]/}))
}

# ---------------------------------------------------------------------- samples

# samples NAME: prints the path of their file.
samples() {
	echo "$WORK/samples/${1//\//-}"
}

# add NAME: appends numbers from standard input to the samples of that name.
add() {
	cat >>"$(samples "$1")"
}

# add_values NAME KEY...: appends each number that follows KEY= on standard
# input to the samples NAMEKEY.
add_values() {
	local name=$1 key words
	shift
	words=$(cat)
	for key; do
		sed -n "s/.*\<$key=\([0-9.]*\).*/\1/p" <<<"$words" |
			add "$name$key"
	done
}

# ratios NAME ONE OTHER: makes samples NAME, the ratios of those of each turn.
ratios() {
	paste "$(samples "$2")" "$(samples "$3")" |
		awk '$2 > 0 { print $1 / $2 }' >"$(samples "$1")"
}

# of NAME: prints count, median, least, lower and upper quartile, most.
of() {
	sort -g "$(samples "$1")" | awk '
		function number(v) { return sprintf(v < 100 ? "%.4g" : "%.0f", v) }
		{ v[NR] = $1 }
		END {
			if (!NR)
				exit
			print NR, number(v[int((NR + 1) / 2)]), number(v[1]),
				number(v[int((NR + 3) / 4)]),
				number(v[int((3 * NR + 1) / 4)]), number(v[NR])
		}'
}

median() {
	of "$1" | cut -d' ' -f2
}

# ----------------------------------------------------------------------- output

record() {
	[ -z "${FIGURES-}" ] || (
		IFS=$'\t'
		echo "$*" >>"$FIGURES"
	)
}

# part TITLE UNIT: begins a part; the rows that follow belong to it.
part() {
	PART=$1
	UNIT=$2
	printf '%s%s\n' "$PART" "${UNIT:+ ($UNIT)}"
}

# chart NAME X-UNIT log|linear: has the part drawn; its rows have an x.
chart() {
	record chart "$BENCH" "$PART" "$UNIT" "$@"
}

# row LABEL NAME [X]: prints and records the median and the range of samples.
row() {
	local n median least low high most
	read -r n median least low high most < <(of "$2") ||
		die "$PART: $1: there is no figure"
	record "$BENCH" "$PART" "$UNIT" "$1" "${3-}" \
		"$n" "$median" "$least" "$low" "$high" "$most"
	if [ "$n" = 1 ]; then
		printf '  %-46s %10s\n' "$1${3:+, $3}" "$median"
	else
		printf '  %-46s %10s (%s to %s)\n' "$1${3:+, $3}" "$median" \
			"$least" "$most"
	fi
}

# row_in UNIT LABEL NAME [X]: the same with a unit other than the part's.
row_in() {
	local whole=$UNIT
	UNIT=$1
	shift
	row "$1 ($UNIT)" "${@:2}"
	UNIT=$whole
}

# times LABEL ONE OTHER: a row with the ratio of samples of the same turn.
times() {
	ratios "$2 over $3" "$2" "$3"
	row_in times "$1" "$2 over $3"
}

# over LABEL ONE OTHER: a row with the ratio of medians, for samples without
# pairs.
over() {
	echo "$(median "$2") $(median "$3")" | awk '{ print $1 / $2 }' |
		add "$2 over $3"
	row_in times "$1" "$2 over $3"
}

# choose WHAT... -- CHOICE...: runs bench_CHOICE for each CHOICE, which must be
# one of WHAT; without a CHOICE, runs all.
choose() {
	local known=() each
	while [ "$1" != -- ]; do
		known+=("$1")
		shift
	done
	shift
	[ $# -gt 0 ] || set -- "${known[@]}"
	for each; do
		case " ${known[*]} " in
		*" $each "*) ;;
		*)
			echo "$BENCH: $each: not one of ${known[*]}" >&2
			exit 64
			;;
		esac
	done
	for each; do
		"bench_$each"
		echo
	done
}
