# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Entries of the cache: made once, used by all checkouts. Makers run under a lock.

# Seconds to wait for another process that makes the same entry. Longer than any
# build takes.
readonly LOCK_TIMEOUT=1800
# Minutes for which the key of a name is kept before it is computed again.
readonly NAME_MINUTES=1440

# Locks an entry until this program ends. The traps are for the whole program,
# which makes this entry and nothing else.
lock_entry() {
	local dir=$1
	exec 9>"$dir.lock"
	flock -w "$LOCK_TIMEOUT" 9 || die "$EX_UNAVAILABLE" \
		"$dir.lock: held by another process for ${LOCK_TIMEOUT} s"
	# Interrupted builds left these: only the holder of the lock makes them.
	rm -rf "$dir".tmp.*
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# fill_entry DIR TO MAKER [ARGUMENT]...: MAKER fills an entry, which then becomes TO.
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

# make_entry DIR MAKER [ARGUMENT]...: makes DIR, complete or not at all.
make_entry() {
	local dir=$1
	shift
	lock_entry "$dir"
	[ -d "$dir" ] || fill_entry "$dir" "$dir" "$@"
}

# make_tried_entry DIR TRY MAKER [ARGUMENT]...: does the same, but DIR appears only
# after TRY with the entry's path succeeded. An entry that fails is kept beside DIR
# and is tried again, not made again: another machine may share the cache.
make_tried_entry() {
	local dir=$1 try=$2
	shift 2
	lock_entry "$dir"
	[ ! -d "$dir" ] || return 0
	[ -d "$dir.untried" ] || fill_entry "$dir" "$dir.untried" "$@"
	"$try" "$dir.untried" 9>&- || exit "$EX_UNAVAILABLE"
	mv -T "$dir.untried" "$dir"
}

# key_of_day NAME PATH COMMAND...: prints the key that COMMAND prints, and keeps it
# in the cache as name-NAME, so that the mirror is asked once a day and not at each
# boot. COMMAND is run again where the entry of that key has no PATH.
key_of_day() {
	local file key needed=$2
	file=$(cache_dir) || return
	file+=/name-$1
	shift 2
	if [ -n "$(find "$file" -mmin "-$NAME_MINUTES" 2>/dev/null)" ] &&
		[ -e "${file%/*}/$(<"$file")/$needed" ]; then
		cat "$file"
		return
	fi
	key=$("$@") || return
	echo "$key" >"$file.$$" && mv "$file.$$" "$file" && cat "$file"
}
