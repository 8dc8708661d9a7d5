#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Compares the NEON engine with the reference, through a cross compiler and qemu-user
# if they are installed (gcc-aarch64-linux-gnu, qemu-user). On a 64-bit Arm
# fips_paths_test does it. TAP on stdout.

HERE=$(dirname "$(readlink -f "$0")")
TOP=$(readlink -f "$HERE/../..")
work=$(mktemp -d "${TMPDIR:-/tmp}/vrng-neon.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

compiler=${NEON_CC:-aarch64-linux-gnu-gcc}
emulator=qemu-aarch64
if [ "$(uname -m)" = aarch64 ]; then
	echo "1..0 # SKIP fips_paths_test runs it natively"
	exit
fi
for tool in "$compiler" "$emulator"; do
	if ! command -v "$tool" >/dev/null; then
		echo "1..0 # SKIP $tool is not installed"
		exit
	fi
done

if ! "$compiler" -static -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra \
	-Wconversion -Wshadow -Werror -I"$HERE/bare" -I"$TOP/include" -I"$TOP" \
	-o "$work/test" "$HERE/fips_paths_test.c" "$TOP"/rngd/checks/fips*.c \
	2>"$work/log"; then
	sed 's/^/# /' "$work/log"
	echo "1..1"
	echo "not ok 1 - $compiler builds it"
	exit 1
fi
VRNG_CORPUS=${VRNG_CORPUS-few} timeout 3600 "$emulator" "$work/test" |
	tee "$work/out"
[ "${PIPESTATUS[0]}" = 0 ] && grep -q '^ok [0-9]* - neon_was_compared$' \
	"$work/out"
