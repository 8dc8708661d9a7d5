# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Folders for the time of a run, with sockets in them. The path of a socket has
# 107 bytes at most, so they are in TMPDIR only if that leaves enough of them.

# Bytes of TMPDIR that leave enough: 37 follow for a guest, 67 for a test's guest.
readonly WORKDIR_GUEST=70 WORKDIR_TEST=40

# work_dir NAME LONGEST: makes one, and prints its path.
work_dir() {
	local in=${TMPDIR:-/tmp}
	[ ${#in} -le "$2" ] || in=/tmp
	mktemp -d "$in/vrng-$1.XXXXXX"
}
