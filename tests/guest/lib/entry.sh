# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What takes long to make is made once, for whoever of us wants it.

# Longer than any build takes, so that a waiter does not give up on a builder.
readonly LOCK_TIMEOUT=1800

# make_entry DIR MAKER [VERSION]: DIR appears complete or not at all.
make_entry() {
	local dir=$1 temp
	local maker=("${@:2}")
	exec 9>"$dir.lock"
	flock -w "$LOCK_TIMEOUT" 9 || die "$EX_UNAVAILABLE" \
		"$dir.lock: held by another process for ${LOCK_TIMEOUT} s"
	[ ! -d "$dir" ] || return 0
	# What an interrupted build left is its maker's no more: we hold the lock.
	rm -rf "$dir".tmp.*
	temp=$(mktemp -d "$dir.tmp.XXXXXX")
	# shellcheck disable=SC2064 # the path of now is meant
	trap "rm -rf '$temp'" EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir "$temp/entry" "$temp/work"
	"${maker[@]}" "$temp/entry" "$temp/work" 9>&- ||
		die "$EX_UNAVAILABLE" "$(basename "$dir"): could not be made"
	mv -T "$temp/entry" "$dir"
}
