# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Temporary folders that have sockets in them. The path of a socket has at most 107
# bytes (sun_path), so a folder is in TMPDIR only if that path is short enough, and
# otherwise in /tmp.

# Longest TMPDIR, in bytes: 37 more follow for a guest, 67 for a test's guest.
readonly WORKDIR_GUEST=70 WORKDIR_TEST=40

# work_dir NAME LONGEST: makes a folder and prints its path.
work_dir() {
	local in=${TMPDIR:-/tmp}
	[ ${#in} -le "$2" ] || in=/tmp
	mktemp -d "$in/vrng-$1.XXXXXX"
}
