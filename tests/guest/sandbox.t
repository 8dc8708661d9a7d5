#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The filters of system calls on other kernels and, with KERNELS="debian-s390x ...", on
# other architectures. This needs a guest: QEMU's emulators of single programs do not
# filter.
. "$(dirname "$0")/tap.sh"

# program KERNEL: prints the program for the kernel's architecture: s390x for
# "debian-s390x", this machine's for "debian-6.12".
program() {
	local arch=${1#debian-}
	[ -d "$BUILD/arch/$arch" ] || arch=
	echo "$BUILD/${arch:+arch/$arch/}tests/unit/sandbox_test"
}

all_cases_ran() {
	local planned passed
	planned=$(sed -n 's/^1\.\.//p' "$OUT")
	passed=$(grep -c '^ok ' "$OUT")
	holds "${planned:-0} > 0" "$passed == ${planned:-0}"
}

for kernel in ${KERNELS:-debian}; do
	needs "$kernel"
	check "$kernel: the filters allow needed calls and kill on others" \
		in_guest --kernel "$kernel" --driver none --device none \
		--file "$(program "$kernel"):/bin/sandbox_test" -- sandbox_test
	check "$kernel: all cases of sandbox_test ran" all_cases_ran
	sed -n "s/^# SKIP/# $kernel: SKIP/p" "$OUT"
done

done_testing
