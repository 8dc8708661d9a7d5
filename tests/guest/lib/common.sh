# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# What every program of this room uses: statuses, messages, the cache.

# Statuses of guest and kernel, beside that of the command which was run.
readonly EX_USAGE=64        # wrong options
readonly EX_UNAVAILABLE=69  # something needed is not there
readonly EX_STALLED=124     # the guest did not end in time and was killed
readonly EX_HARNESS=125     # the guest ended without telling a status
readonly EX_REPORT=126      # the guest's kernel reported an error

PROGRAM=${0##*/}

# One line on stderr: what: why; what to do.
complain() {
	printf '%s: %s\n' "$PROGRAM" "$*" >&2
}

# die STATUS MESSAGE...
die() {
	local status=$1
	shift
	complain "$*"
	exit "$status"
}

need_program() {
	command -v "$1" >/dev/null ||
		die "$EX_UNAVAILABLE" "$1: not found; run 'make deps'"
}

cache_dir() {
	local dir=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}/vrng
	[ "$dir" != /vrng ] || die "$EX_UNAVAILABLE" "no place for a cache:" \
		"HOME is not set; set it, or XDG_CACHE_HOME"
	mkdir -p "$dir" 2>/dev/null || die "$EX_UNAVAILABLE" "$dir: cannot be made;" \
		"set XDG_CACHE_HOME to a directory you can write to"
	printf '%s\n' "$dir"
}

# Only a person at a terminal is told how things go on.
progress() {
	[ ! -t 2 ] || printf '%s: %s\n' "$PROGRAM" "$*" >&2
}

# run_logged LOG COMMAND...: silent unless it fails, then the log's end.
run_logged() {
	local log=$1
	shift
	"$@" >>"$log" 2>&1 </dev/null && return
	complain "'$*' failed; the end of its log:"
	tail -n 25 "$log" >&2
	return 1
}
