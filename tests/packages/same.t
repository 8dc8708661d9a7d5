#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages are reproducible: made again later, in another folder, from an unpacked
# tarball, with another umask, time zone and locale, they are the same to the byte.
set -uo pipefail
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
need_or_skip dpkg-buildpackage dh_dkms fakeroot rpmbuild

once() {
	packages deb "$WORK/one" && packages rpm "$WORK/one"
}
check 'the packages are made' once

again() {
	local tree=$WORK/some/where/else
	mkdir -p "$tree" && tar -xzf "$WORK/one/vrng-$VERSION.tar.gz" -C "$tree" \
		--strip-components=1 || return
	TOP=$tree
	umask 077
	export TZ=Pacific/Auckland LC_ALL=C.UTF-8 LANGUAGE=de
	packages deb "$WORK/two" && packages rpm "$WORK/two"
}
check 'they are made again from the tarball' again

# Compares all but the buildinfo, which describes machine and time.
same() {
	local count=0 file
	for file in "$WORK"/one/*.{tar.gz,deb,rpm,spdx}; do
		cmp "$file" "$WORK/two/${file##*/}" || return
		count=$((count + 1))
	done
	echo "$count"
	[ $count = 14 ]
}
check 'tarball, packages and bills of materials are identical' same
done_testing
