# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# What all programs in this folder share: exit statuses, messages, the cache.

# Exit statuses of guest and kernel. Otherwise guest exits with the status of the
# command that it ran.
readonly EX_USAGE=64        # wrong options
readonly EX_UNAVAILABLE=69  # a prerequisite is missing
readonly EX_STALLED=124     # the guest reached the timeout and was killed
readonly EX_HARNESS=125     # the guest ended without reporting a status
readonly EX_REPORT=126      # the guest's kernel reported an error

PROGRAM=${0##*/}

# Prints one line on stderr, in the form "what: why; what to do".
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

# Announces a step that takes seconds or more: a download, a build, a boot.
progress() {
	printf '%s: %s\n' "$PROGRAM" "$*" >&2
}

# run_logged LOG COMMAND...: prints the end of the log if COMMAND fails, and
# nothing otherwise.
run_logged() {
	local log=$1
	shift
	"$@" >>"$log" 2>&1 </dev/null && return
	complain "'$*' failed; the end of its log:"
	tail -n 25 "$log" >&2
	return 1
}
