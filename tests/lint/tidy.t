#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# clang-tidy on the C of programs. It takes longer than all other linters.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# tidy_each NAME FLAG...: on stderr clang-tidy counts the warnings that it left out.
tidy_each() {
	local name=$1
	shift
	# shellcheck disable=SC2016 # that shell's
	each "$name" --input .clang-tidy --key "$(version_of clang-tidy)" -- \
		bash -c 'clang-tidy --quiet "${!#}" -- "${@:1:$#-1}" \
			2>/dev/null' tidy "$@"
}

clang_tidy() {
	local file engine
	{ user_c && echo driver/pool.c; } | grep -v '^tests/unit/' |
		tidy_each clang-tidy "${USER_FLAGS[@]}" || return
	engines | while read -r file engine; do
		# shellcheck disable=SC2086 # a list of flags
		echo "$file" | tidy_each clang-tidy-engine $engine \
			"${USER_FLAGS[@]}" || return
	done
}

clean "clang-tidy is quiet" clang_tidy
done_linting
