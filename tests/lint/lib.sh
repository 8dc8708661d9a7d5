# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # set for those who source it
# What the lint scripts share: a case for each linter, the files of the tree, and
# the flags of C. No case needs root, a guest or the network.
#
# ONLY=TEXT runs the cases with TEXT in their name. LINT=changed checks the files
# that changed since their linter last accepted them (tests/lint/each). B names
# the build folder, where the records of that are kept.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

# A make that a case runs is not part of the make -j that runs this script. It would
# warn that it has no job server.
unset MAKEFLAGS MAKELEVEL MFLAGS
BUILD=$(readlink -m "${B:-build}")
export LINT_STAMPS=$BUILD/lint
LINT_JOBS=${LINT_JOBS:-$(nproc)}
export LINT_JOBS
COUNT=0
FAILED=0
WORK=$(mktemp -d "${TMPDIR:-/tmp}/vrng-lint.XXXXXX") || exit
trap 'rm -rf "$WORK"' EXIT

# clean NAME COMMAND...: the case passes if COMMAND exits with 0 and prints nothing.
clean() {
	local name=$1 status=0
	[[ $name == *"${ONLY-}"* ]] || return 0
	shift
	COUNT=$((COUNT + 1))
	"$@" >"$WORK/words" 2>&1 </dev/null || status=$?
	if [ "$status" = 0 ] && [ ! -s "$WORK/words" ]; then
		echo "ok $COUNT - $name"
		return
	fi
	FAILED=1
	echo "not ok $COUNT - $name (status $status)"
	head -n 60 "$WORK/words" | sed 's/^/# /'
}

done_linting() {
	echo "1..$COUNT"
	return $FAILED
}

# each NAME OPTION... -- COMMAND...: tests/lint/each on the files of stdin.
each() {
	tests/lint/each "$@"
}

# The batch of a linter that sees more in many files than in each alone: all files,
# or a few where only those that changed are checked.
whole() {
	if [ "${LINT-}" = changed ]; then
		echo 8
	else
		echo 100000
	fi
}

# git refuses a tree of another user unless safe.directory names it.
tree_git() {
	git -c safe.directory="$(pwd -P)" "$@"
}

# files PATTERN...: the files of the tree with such names, or all. An unpacked
# tarball has no git to ask.
files() {
	if [ -e .git ] && tree_git rev-parse 2>/dev/null; then
		tree_git ls-files -co --exclude-standard -- "$@" |
			while read -r file; do [ ! -e "$file" ] || echo "$file"; done
	else
		find "$PWD" \( -path "$BUILD" -o -path "$PWD/build" -o \
			-path "$PWD/.git" \) -prune -o -type f -print |
			sed "s|^$PWD/||" | grep -E "$(printf '%s|' "$@" |
				sed 's/\./\\./g; s/\*/.*/g; s/|$//')"
	fi
}

c_files() {
	files '*.c' '*.h'
}

kernel_c() {
	c_files | grep -E '^(driver/|tests/bench/null_)'
}

# C files of programs. Headers are checked in those.
user_c() {
	c_files | grep -vE '^(driver/|tests/guest/fault|tests/bench/null_)|\.h$'
}

scripts() {
	files | xargs grep -lE '^#!/bin/(ba)?sh' | grep -v '\.md$'
}

readonly USER_FLAGS=(-std=gnu11 -D_GNU_SOURCE -Iinclude -I.)

# FILE FLAGS, a line each: the files that are empty without the flags that make
# gives them.
engines() {
	[[ $(gcc -dumpmachine) == x86_64-* ]] || return 0
	# shellcheck disable=SC2016 # make's variable
	sed -n 's|^$(OBJ)/\(.*\)\.o: OBJ_CFLAGS := \(-m.*\)|\1.c \2|p' \
		rngd/rngd.mk
}

version_of() {
	"$1" --version 2>&1 | head -n 3
}
