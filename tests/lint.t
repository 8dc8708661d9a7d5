#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tools can see: a case a tool, over every file it knows. Nothing here
# needs root, a guest or the network. ONLY=TEXT: the cases with TEXT in their name.
set -u
cd "$(dirname "$0")/.." || exit 1

BUILD=$(readlink -m "${B:-build}")
COUNT=0
WORK=$(mktemp -d "${TMPDIR:-/tmp}/vrng-lint.XXXXXX") || exit
trap 'rm -rf "$WORK"' EXIT

# clean NAME COMMAND...: COMMAND ends with 0 and has nothing to say.
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
	echo "not ok $COUNT - $name (status $status)"
	head -n 60 "$WORK/words" | sed 's/^/# /'
}

# git refuses a tree that somebody else owns unless safe.directory names it.
tree_git() {
	git -c safe.directory="$(pwd -P)" "$@"
}

# In a tarball there is no git to ask.
files() {
	if [ -e .git ] && tree_git rev-parse 2>/dev/null; then
		tree_git ls-files -co --exclude-standard -- "$@"
	else
		find "$PWD" \( -path "$BUILD" -o -path "$PWD/build" -o \
			-path "$PWD/.git" \) -prune -o -type f -print |
			sed "s|^$PWD/||" | grep -E "$(printf '%s|' "$@" |
				sed 's/\./\\./g; s/\*/.*/g; s/|$//')"
	fi
}

mapfile -t C_FILES < <(files '*.c' '*.h')
mapfile -t KERNEL_C < <(printf '%s\n' "${C_FILES[@]}" |
	grep -E '^(driver/|tests/bench/null_)')
mapfile -t USER_C < <(printf '%s\n' "${C_FILES[@]}" |
	grep -vE '^(driver/|tests/guest/fault|tests/bench/null_)|\.h$')
mapfile -t SCRIPTS < <(files | xargs grep -lE '^#!/bin/(ba)?sh' |
	grep -v '\.md$')
readonly USER_FLAGS=(-std=gnu11 -D_GNU_SOURCE -Iinclude -I.)

# FILE FLAGS, a line each, of those that are empty without the flags that make
# gives them.
engines() {
	[[ $(gcc -dumpmachine) == x86_64-* ]] || return 0
	# shellcheck disable=SC2016 # make's variable
	sed -n 's|^$(OBJ)/\(.*\)\.o: OBJ_CFLAGS := \(-m.*\)|\1.c \2|p' \
		rngd/rngd.mk
}

spdx_on_each() {
	[ ${#SCRIPTS[@]} -gt 0 ] || echo "no files are found"
	files | grep -vE '^(LICENSE|\.gitignore)$|\.md$|/seeds/|/vectors/' |
		xargs grep -L 'SPDX-License-Identifier: GPL-2.0'
}

driver_is_gpl2_only() {
	grep -rL 'SPDX-License-Identifier: GPL-2.0-only' driver |
		grep -v '^driver/driver.mk$'
	true
}

top_level_is_fixed() {
	files | cut -d/ -f1 | sort -u | grep -vxE \
		'Makefile|README.md|LICENSE|CHANGELOG.md|driver|rngd|include|man|tests|packaging|\..*'
	true
}

with_both_compilers() {
	local compiler
	local -a flags=(-fsyntax-only -O1 -Wall -Wextra -Wconversion -Wshadow
		-Wstrict-prototypes -Wmissing-prototypes -Werror
		"${USER_FLAGS[@]}")
	for compiler in gcc clang; do
		printf '%s\n' "${USER_C[@]}" | xargs -P 2 -n 8 "$compiler" \
			"${flags[@]}" || return
		engines | xargs -L 1 "$compiler" "${flags[@]}" || return
	done
}

clang_tidy() {
	printf '%s\n' "${USER_C[@]}" driver/pool.c | grep -v '^tests/unit/' |
		xargs -P 2 -n 1 sh -c 'clang-tidy --quiet "$@" -- '"${USER_FLAGS[*]}"' \
			2>/dev/null' tidy || return
	# shellcheck disable=SC2016 # that shell's
	engines | xargs -L 1 sh -c 'file=$1; shift; clang-tidy --quiet "$file" \
		-- "$@" '"${USER_FLAGS[*]}"' 2>/dev/null' tidy
}

# To cppcheck a vector has no bytes, and an array of them has no elements.
with_cppcheck() {
	local -a flags=(--quiet "--enable=warning,performance,portability"
		--inline-suppr --std=c11 --suppress=missingIncludeSystem
		--error-exitcode=1 "${USER_FLAGS[@]:1}")
	cppcheck "${flags[@]}" "${USER_C[@]}" driver/pool.c || return
	cppcheck "${flags[@]}" -D__AVX2__ -D__AVX512VPOPCNTDQ__ -D__aarch64__ \
		--suppress=ctuArrayIndex:rngd/checks/fips_body.h \
		--suppress=ctuuninitvar:rngd/checks/fips_body.h \
		rngd/checks/fips_*.c
}

# The kernel's own build with its own warnings, and sparse.
with_sparse() {
	make -s module KOUT="$BUILD/lint/driver" C=2 W=1 2>&1 |
		grep -v '^Skipping BTF'
	[ "${PIPESTATUS[0]}" = 0 ]
}

# The kernel tree's script, kept beside the other downloads.
checkpatch_script() {
	local tarball cache
	tarball=$(find /usr/src -maxdepth 1 -name 'linux-source-*.tar.*' |
		sort -V | tail -n 1)
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/vrng/checkpatch-$(basename \
		"${tarball%.tar.*}")
	if [ ! -e "$cache/checkpatch.pl" ]; then
		mkdir -p "$cache"
		tar -xf "$tarball" -C "$WORK" --strip-components 2 --wildcards \
			'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
			'*/scripts/const_structs.checkpatch'
		mv "$WORK"/{spelling.txt,const_structs.checkpatch} \
			"$WORK/checkpatch.pl" "$cache"
	fi
	echo "$cache/checkpatch.pl"
}

# Types that portable.h has to name for userspace, and a macro that makes one
# definition of each argument it is given twice.
with_checkpatch() {
	"$(checkpatch_script)" --strict --no-tree --terse --show-types --quiet \
		--ignore PREFER_KERNEL_TYPES,MACRO_ARG_REUSE -f "$@" |
		grep -v '^total: 0 errors, 0 warnings, 0 checks'
	[ "${PIPESTATUS[0]}" = 0 ]
	rm -f .checkpatch-camelcase*
}

# groff sees what mandoc lets pass, and the other way round.
with_man() {
	local page
	for page in man/*.[1-8]; do
		# shellcheck disable=SC2069 # what it says, without the page
		LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l -E UTF-8 -Tutf8 -Z \
			"$page" 2>&1 >/dev/null || return
	done
}

with_perl() {
	local script
	while read -r script; do
		perl -wc "$script" 2>&1 | grep -v ' syntax OK$'
	done < <(files | xargs grep -l '^#!/usr/bin/perl')
	true
}

clean "each file says its licence" spdx_on_each
clean "the driver's files are GPL-2.0-only" driver_is_gpl2_only
clean "the top level holds what it is to hold" top_level_is_fixed
clean "clang-format changes nothing" \
	clang-format --dry-run --Werror "${C_FILES[@]}"
clean "gcc and clang are quiet" with_both_compilers
clean "cppcheck is quiet" with_cppcheck
clean "clang-tidy is quiet" clang_tidy
clean "shellcheck is quiet" shellcheck -x --source-path=SCRIPTDIR "${SCRIPTS[@]}"
clean "sparse and the kernel's warnings are quiet" with_sparse
clean "checkpatch --strict is quiet on kernel code" \
	with_checkpatch "${KERNEL_C[@]}"
clean "perl -w is quiet" with_perl
clean "man --warnings is quiet" with_man
clean "mandoc is quiet" mandoc -T lint -W warning man/*.[1-8]
echo "1..$COUNT"
