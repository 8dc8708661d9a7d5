#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# C of programs: its format, both compilers' warnings, and cppcheck.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

formatted() {
	c_files | each clang-format --batch 16 --input .clang-format \
		--key "$(version_of clang-format)" -- \
		clang-format --dry-run --Werror
}

with_both_compilers() {
	local compiler version file engine
	local -a flags=(-fsyntax-only -O1 -Wall -Wextra -Wconversion -Wshadow
		-Wstrict-prototypes -Wmissing-prototypes -Werror
		"${USER_FLAGS[@]}")
	for compiler in gcc clang; do
		version=$(version_of "$compiler")
		user_c | each "$compiler" --batch 8 --key "$version" -- \
			"$compiler" "${flags[@]}" || return
		engines | while read -r file engine; do
			# shellcheck disable=SC2086 # a list of flags
			echo "$file" | each "$compiler-engine" --key "$version" -- \
				"$compiler" "${flags[@]}" $engine || return
		done || return
	done
}

# To cppcheck a vector has no bytes, and an array of them has no elements.
with_cppcheck() {
	local -a command=(cppcheck --quiet "--enable=warning,performance,portability"
		--inline-suppr --std=c11 --suppress=missingIncludeSystem
		--error-exitcode=1 "${USER_FLAGS[@]:1}")
	local version
	version=$(version_of cppcheck)
	{ user_c && echo driver/pool.c; } | each cppcheck --batch "$(whole)" \
		--key "$version" -- "${command[@]}" || return
	files 'rngd/checks/fips_*.c' | each cppcheck-engines --batch "$(whole)" \
		--key "$version" -- "${command[@]}" \
		-D__AVX2__ -D__AVX512VPOPCNTDQ__ -D__aarch64__ \
		--suppress=ctuArrayIndex:rngd/checks/fips_body.h \
		--suppress=ctuuninitvar:rngd/checks/fips_body.h
}

clean "clang-format changes nothing" formatted
clean "gcc and clang are quiet" with_both_compilers
clean "cppcheck is quiet" with_cppcheck
done_linting
