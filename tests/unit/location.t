#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Building and testing works wherever the tree is. Each place gets a copy of the tree.
# In the copy a program is built, the linters list their files, a tarball is made and
# an example is run. B names the folder of built programs, which the examples use.
# VRNG_CORPUS=fewest tries two places of the seven.
set -uo pipefail

TOP=$(readlink -f "$(dirname "$0")/../..")
BUILD=$(readlink -m "${B:-$TOP/build}")
readonly TOP BUILD
readonly NOBODY=65534
readonly LONG=a-name-of-forty-bytes-that-makes-it-long
readonly LONGER=$LONG/$LONG/$LONG/$LONG
COUNT=0
WORK=$(mktemp -d /tmp/vrng-location.XXXXXX) || exit
PLACES=("$WORK")
trap 'rm -rf "${PLACES[@]}"' EXIT
chmod 755 "$WORK"
# A make in a copy is not part of the make that called us.
unset B MAKEFLAGS MAKELEVEL MFLAGS

result() {
	COUNT=$((COUNT + 1))
	echo "$1 $COUNT - $2"
}

check() {
	local name=$1
	shift
	if "$@" >"$WORK/words" 2>&1 </dev/null; then
		result ok "$name"
	else
		result 'not ok' "$name"
		tail -n 25 "$WORK/words" | sed 's/^/# /'
	fi
}

# copy_to TREE: all but what is built; where there is git, as a repository with one
# commit.
copy_to() {
	mkdir -p "$1" &&
		tar -C "$TOP" --exclude=./build --exclude=./.git -c . |
		tar -C "$1" --no-same-owner -x || return
	command -v git >/dev/null || return 0
	git -C "$1" init -q && git -C "$1" add -A &&
		git -C "$1" -c user.name=test -c user.email=test@test.invalid \
			commit -q -m copy
}

# links_to OUT: a build folder with the programs of the real one.
links_to() {
	mkdir -p "$1/tests" && ln -s "$BUILD/rngd" "$1" &&
		ln -s "$BUILD"/tests/{device,bench} "$1/tests"
}

# copies_to OUT: the same, for a user who cannot reach the real one.
copies_to() {
	mkdir -p "$1/tests" && cp -r "$BUILD/rngd" "$1" &&
		cp -r "$BUILD/tests/device" "$1/tests"
}

# Run in a copy, as `sh -c THIS sh OUT`.
# shellcheck disable=SC2016 # expanded in there
readonly BUILDS='make B="$1" "$1/tests/guest/init" && [ -x "$1/tests/guest/init" ]'
readonly LISTS='ONLY=licence tests/lint/tree.t | grep "^ok 1"'
# shellcheck disable=SC2016
readonly PACKS='packaging/dist "$1" && tar -tzf "$1"/vrng-*.tar.gz |
	grep rngd/rngd.c'
# shellcheck disable=SC2016
readonly EXAMPLE='ONLY="rngtest --estimate" B="$1" tests/guest/examples.t >"$1/tap"
	cat "$1/tap"
	! grep "^not ok" "$1/tap" && grep "^ok .* a host" "$1/tap"'

# try NAME TREE OUT COMMAND...: COMMAND is what runs a shell in there.
try() {
	local name=$1 tree=$2 out=$3
	shift 3
	cd "$tree" || exit
	check "$name: a program is built" "$@" sh -c "$BUILDS" sh "$out"
	check "$name: the linter has its files" "$@" sh -c "$LISTS" sh "$out"
	check "$name: a tarball is made" "$@" sh -c "$PACKS" sh "$out"
	check "$name: examples run" "$@" sh -c "$EXAMPLE" sh "$out"
	cd "$WORK" || exit
}

as_it_is() {
	"$@"
}

# try_in NAME PLACE: the build folder is in the tree.
try_in() {
	local name=$1 place=$2
	check "$name: the tree can be copied there" copy_to "$place/tree"
	links_to "$place/tree/build"
	try "$name" "$place/tree" "$place/tree/build" as_it_is
}

skip() {
	result ok "$1 # SKIP $2"
}

# runs_programs FOLDER: can programs be run in there? Many systems mount /run with
# noexec.
runs_programs() {
	cp /bin/true "$1" && "$1/true" 2>/dev/null
}

# try_below PARENT: a folder of ours in there.
try_below() {
	local place
	if ! place=$(mktemp -d "$1/vrng-location.XXXXXX" 2>/dev/null); then
		skip "below $1" "no folder can be made there"
		return
	fi
	PLACES+=("$place")
	if ! runs_programs "$place"; then
		skip "below $1" "programs in there cannot be run"
		return
	fi
	try_in "below $1" "$place"
}

try_long_path() {
	mkdir -p "$WORK/$LONGER/tmp"
	export TMPDIR=$WORK/$LONGER/tmp
	try_in "a path of ${#TMPDIR} bytes, TMPDIR too" "$WORK/$LONGER"
	unset TMPDIR
}

try_link() {
	mkdir "$WORK/real"
	ln -s real "$WORK/link"
	try_in "a symbolic link in the path" "$WORK/link"
}

# The build folder is beside the tree.
make_read_only() {
	copy_to "$WORK/fixed/tree" && links_to "$WORK/fixed/out"
}

# Modes do not stop root. A read-only mount does.
# shellcheck disable=SC2016 # expanded in there
read_only() {
	chmod -R a-w .
	if [ "$(id -u)" = 0 ]; then
		unshare --mount sh -c 'mount --bind . . && cd "$PWD" &&
			mount -o remount,bind,ro "$PWD" && exec "$@"' sh "$@"
	else
		"$@"
	fi
}

try_read_only() {
	local name="read-only sources"
	check "$name: the tree can be copied" make_read_only
	check "$name: nothing can be written" cannot_write
	try "$name" "$WORK/fixed/tree" "$WORK/fixed/out" read_only
	chmod -R u+w "$WORK/fixed"
}

cannot_write() (
	cd "$WORK/fixed/tree" && ! read_only touch Makefile new
)

as_nobody() {
	setpriv --reuid "$NOBODY" --regid "$NOBODY" --clear-groups \
		env HOME="$WORK/home" "$@"
}

try_others() {
	local name="root in a tree of somebody else"
	mkdir "$WORK/home"
	if [ "$(id -u)" != 0 ]; then
		skip "$name" "only root can make one"
		skip "somebody else in root's tree" "only root can make one"
		return
	fi
	check "$name: the tree can be copied" copy_to "$WORK/theirs/tree"
	links_to "$WORK/theirs/tree/build"
	chown -R "$NOBODY" "$WORK/theirs" "$WORK/home"
	try "$name" "$WORK/theirs/tree" "$WORK/theirs/tree/build" as_it_is
	name="somebody else in root's tree"
	check "$name: the tree can be copied" copy_to "$WORK/ours/tree"
	copies_to "$WORK/ours/out"
	chown -R "$NOBODY" "$WORK/ours/out"
	try "$name" "$WORK/ours/tree" "$WORK/ours/out" as_nobody
}

try_long_path
try_read_only
if [ "${VRNG_CORPUS-}" != fewest ]; then
	for parent in /tmp /run /var/tmp; do
		try_below "$parent"
	done
	try_link
	try_others
fi
echo "1..$COUNT"
