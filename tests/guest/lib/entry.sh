# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What takes long to make is made once, for whoever of us wants it.

# Longer than any build takes, so that a waiter does not give up on a builder.
readonly LOCK_TIMEOUT=1800

# The traps are of the whole program, which makes nothing but this entry.
lock_entry() {
	local dir=$1
	exec 9>"$dir.lock"
	flock -w "$LOCK_TIMEOUT" 9 || die "$EX_UNAVAILABLE" \
		"$dir.lock: held by another process for ${LOCK_TIMEOUT} s"
	# We hold the lock: what is there was left by a build that was interrupted.
	rm -rf "$dir".tmp.*
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# fill_entry DIR TO MAKER [ARGUMENT]...: MAKER fills an entry, which becomes TO.
fill_entry() {
	local dir=$1 to=$2 temp
	shift 2
	temp=$(mktemp -d "$dir.tmp.XXXXXX") || die "$EX_UNAVAILABLE" \
		"${dir%/*}: cannot be written, see above; make room there, or" \
		"set XDG_CACHE_HOME"
	# shellcheck disable=SC2064 # the path of now is meant
	trap "rm -rf '$temp'" EXIT
	mkdir "$temp/entry" "$temp/work"
	"$@" "$temp/entry" "$temp/work" 9>&- ||
		die "$EX_UNAVAILABLE" "$(basename "$dir"): could not be made"
	mv -T "$temp/entry" "$to"
}

# make_entry DIR MAKER [ARGUMENT]...: DIR appears complete or not at all.
make_entry() {
	local dir=$1
	shift
	lock_entry "$dir"
	[ -d "$dir" ] || fill_entry "$dir" "$dir" "$@"
}

# make_tried_entry DIR TRY MAKER [ARGUMENT]...: the same, once TRY with the entry's
# path succeeds. An entry that fails stays beside DIR, so that it is tried again
# and not made again: another machine may share the cache.
make_tried_entry() {
	local dir=$1 try=$2
	shift 2
	lock_entry "$dir"
	[ ! -d "$dir" ] || return 0
	[ -d "$dir.untried" ] || fill_entry "$dir" "$dir.untried" "$@"
	"$try" "$dir.untried" 9>&- || exit "$EX_UNAVAILABLE"
	mv -T "$dir.untried" "$dir"
}
