#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests of two architectures: a 64-bit one with PCI, and a big-endian one with
# virtio-ccw. `make check-arch` boots all, which takes too long for `make check`.
set -uo pipefail

HERE=$(dirname "$(readlink -f "$0")")
TOP=${HERE%/*/*}
readonly HERE TOP
# shellcheck source=tests/arch/lib/table.sh
. "$TOP/tests/arch/lib/table.sh"
# shellcheck source=tests/guest/lib/rows.sh
. "$TOP/tests/guest/lib/rows.sh"

if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
	echo "1..0 # SKIP other architectures need Debian's packages"
	exit
fi

mapfile -t QUICK < <(arch_others "${ARCHES_QUICK[@]}")
readonly QUICK

WORK=$(mktemp -d "${TMPDIR:-/tmp}/vrng-arch.XXXXXX") || exit
trap 'rm -rf "$WORK"' EXIT
# rows.sh counts in these.
# shellcheck disable=SC2034
passed=0 failed=0 skipped=0

# build_for ARCH: builds the programs and the module that such a guest has.
build_for() {
	local ARCH=$1 programs
	programs=$(arch_build)
	"$HERE/build" "$1" -j"$(nproc)" "$programs/tests/guest/init" \
		"$programs/rngd/rngd" "$programs/tests/guest/streamcheck" \
		"$programs/tests/guest/rate" \
		"$programs/tests/unit/sandbox_test" module
}

try_arch() {
	step "$1: the guest's programs and module are built" build_for "$1" || return
	step "$1: its kernel is available" "$TOP/tests/guest/kernel" "debian-$1" ||
		return
	take_case "$1: guest" < <("$HERE/guest" --quick "$1" 2>&1)
}

for arch in "${QUICK[@]}"; do
	try_arch "$arch"
done
echo "1..$COUNT"
[ "$failed" = 0 ]
