#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lint case on includes sees each rule of tests/lint/rooms broken. The trees
# here are small: a header and a C file in each room of the table. TAP on stdout.
# shellcheck disable=SC2317 # ok calls functions by name
set -uo pipefail

top=$(readlink -f "$(dirname "$0")/../..")
work=$(mktemp -d "${TMPDIR:-/tmp}/vrng-rooms.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
tree=$work/tree
table=$top/tests/lint/rooms
CASE_OUT=$work/out
# shellcheck source=cases.sh
. "$(dirname "$0")/cases.sh"

# rooms_of FOLDER: in their order.
rooms_of() {
	sed -n "s|^order $1 ||p" "$table"
}

# add FILE HEADER: the last line of FILE includes HEADER. FILE may be a new one.
add() {
	mkdir -p "$tree/$(dirname "$1")"
	echo "#include \"$2\"" >>"$tree/$1"
}

# Each room includes the one before it, so that a check of no file is not a pass.
make_tree() {
	local folder room before
	rm -rf "$tree"
	mkdir -p "$tree/tests/lint" "$tree/driver" "$tree/include/vrng"
	cp "$table" "$top"/tests/lint/{includes,lib.sh,each,tree.t} \
		"$tree/tests/lint"
	for folder in rngd tests/device; do
		before=
		for room in $(rooms_of $folder); do
			mkdir -p "$tree/$folder/$room"
			echo 'int x;' >"$tree/$folder/$room/x.h"
			add "$folder/$room/x.c" "$folder/$room/x.h"
			[ -z "$before" ] || [ "$room" = egd-server ] ||
				add "$folder/$room/x.c" "$before"
			before=$folder/$room/x.h
		done
	done
	add rngd/rngd.c rngd/process/x.h
	add driver/pool.c portable.h
	printf '#ifdef __KERNEL__\n#include <linux/types.h>\n#else\n%s\n#endif\n' \
		'#include <stdint.h>' >"$tree/driver/portable.h"
	add tests/unit/x.h rngd/base/x.h
	echo 'int x;' >"$tree/include/vrng/x.h"
}

accepted() {
	"$tree/tests/lint/includes" "$tree" >"$work/said" 2>&1
	local status=$?
	cat "$work/said"
	[ $status = 0 ] && [ ! -s "$work/said" ]
}

# Adds an include, expects a line that begins with the file and has the header, and
# takes the include back. With THROUGH the include is in a header of FILE.
# refused FILE HEADER [THROUGH]
refused() {
	local file=$1 header=$2 changed=${3-$1} status=0
	cp "$tree/$changed" "$work/kept" 2>/dev/null || : >"$work/kept"
	add "$changed" "$header"
	"$tree/tests/lint/includes" "$tree" >"$work/said" 2>&1 || status=$?
	cp "$work/kept" "$tree/$changed"
	[ -s "$work/kept" ] || rm "$tree/$changed"
	cat "$work/said"
	[ $status = 1 ] && grep -q "^$file:[0-9]*: includes $header: " "$work/said"
}

# Let each room include all rooms after it. Each of these includes is reported.
refused_upwards() {
	local folder=$1 room other behind file
	for room in $(rooms_of "$folder"); do
		behind=
		file=$folder/$room/x.h
		cp "$tree/$file" "$work/kept"
		for other in $(rooms_of "$folder"); do
			[ -z "$behind" ] || add "$file" "$folder/$other/x.h"
			[ "$other" != "$room" ] || behind=1
		done
		"$tree/tests/lint/includes" "$tree" >"$work/said" 2>&1
		grep -o '#include.*' "$tree/$file" | cut -d'"' -f2 >"$work/added"
		cp "$work/kept" "$tree/$file"
		while read -r other; do
			grep -q "^$file:[0-9]*: includes $other: " "$work/said" ||
				return
		done <"$work/added"
	done
	[ -n "$behind" ]
}

refused_of_rngd() {
	local room
	for room in feed fork options control process tester; do
		refused tests/device/entropy/x.c "rngd/$room/x.h" || return
	done
}

# changed_table SUBSTITUTION: fails unless a table changed by sed is refused.
changed_table() {
	sed "$1" "$table" >"$tree/tests/lint/rooms"
	"$tree/tests/lint/includes" "$tree" >"$work/said" 2>&1
	local status=$?
	cp "$table" "$tree/tests/lint/rooms"
	cat "$work/said"
	[ $status != 0 ] && [ -s "$work/said" ]
}

no_room() {
	! accepted && grep -q "$1 is no room" "$work/said"
}

lint_case() {
	ONLY='rooms include' "$tree/tests/lint/tree.t" >"$work/said"
	local status=$?
	cat "$work/said"
	[ $status = "$1" ] && grep -q "$2" "$work/said"
}

make_tree
ok "includes downwards are accepted" accepted
ok "rngd: no room includes a room behind it" refused_upwards rngd
ok "rngd: no room includes a program's file" \
	refused rngd/tester/x.c rngd/rngtest.h
ok "rngd: nothing of tests/ is included" \
	refused rngd/tester/x.c tests/device/runtime/x.h
ok "rngd: nothing of tests/ is included by a program" \
	refused rngd/rngd.c tests/unit/x.h
ok "tests/device: no room includes a room behind it" \
	refused_upwards tests/device
ok "tests/device: egd-server includes nothing of vhost-user-rng" \
	refused tests/device/egd-server/x.c tests/device/vhost-user-rng/x.h
ok "tests/device: vhost-user-rng includes nothing of egd-server" \
	refused tests/device/vhost-user-rng/x.c tests/device/egd-server/x.h
ok "tests/device: of rngd/, only what the host side links" refused_of_rngd
ok "tests/device: of rngd/, no program's file" \
	refused tests/device/runtime/x.c rngd/rngd.h
ok "tests/device: nothing else of tests/" \
	refused tests/device/runtime/x.c tests/unit/x.h
for header in sys/socket.h sys/un.h netinet/in.h tests/device/vhost-user/x.h; do
	ok "virtqueue: no $header" \
		refused tests/device/virtqueue/x.h $header
done
ok "virtqueue: no socket header through another room" \
	refused tests/device/virtqueue/x.c sys/socket.h \
	tests/device/guest-memory/x.h
ok "guest-memory: nothing of virtqueue" \
	refused tests/device/guest-memory/x.c tests/device/virtqueue/x.h
for program in vhost-user-rng egd-server; do
	ok "entropy: nothing of $program" \
		refused tests/device/entropy/x.h tests/device/$program/x.h
done
ok "pool.c: no kernel header" refused driver/pool.c linux/virtio.h
ok "pool.c: no kernel header through another header" \
	refused driver/pool.c linux/slab.h driver/portable.h
ok "driver: nothing of rngd/" refused driver/pool.c rngd/base/x.h
ok "include/: nothing of a room" refused include/vrng/x.h rngd/base/x.h
ok "all is as it was before" accepted

add rngd/attic/x.c rngd/base/x.h
ok "a room that the table does not have is reported" no_room rngd/attic
rm -r "$tree/rngd/attic"
ok "a room that only the table has is reported" \
	changed_table 's/^order rngd base/& cellar/'
ok "a rule of an unknown kind is reported" changed_table 's/^pure/clean/'
ok "an empty table is reported" changed_table d

ok "the lint case passes" lint_case 0 '^ok 1 - rooms include'
add rngd/base/x.c rngd/feed/x.h
ok "the lint case fails, and has the names" \
	lint_case 1 '^# rngd/base/x.c:.*rngd/feed/x.h'

# The table fits the real tree.
rm -rf "$tree"
mkdir "$tree"
(cd "$top" && cp -r --parents tests/device tests/lint rngd driver include "$tree")
ok "a forbidden include in a copy of the tree is found" \
	refused rngd/base/log.h rngd/process/daemon.h
end_cases
