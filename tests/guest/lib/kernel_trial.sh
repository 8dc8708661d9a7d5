# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Boots a kernel that was built here once. A kernel can build without an error and
# still not run on this processor.

# Long enough for an emulated guest on a busy machine.
readonly TRIAL_SECONDS=180

# Builds init, which guests need: this program may run before anything is built.
trial_init() {
	local build
	build=$(readlink -m "${B:-$HERE/../../build}")
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$HERE/../.." B="$build" \
		"$build/tests/guest/init" >&2 </dev/null
}

# kernel_trial ENTRY: runs a command in a guest of this kernel. Status: 1 if it fails.
kernel_trial() {
	local entry=$1 output
	progress "booting the kernel once"
	trial_init || return
	output=$("$HERE/guest" --kernel "$entry" --device none --driver none \
		--timeout "$TRIAL_SECONDS" -- echo alive </dev/null) &&
		[ "$output" = alive ] && return
	complain "$(<"$entry/release"): built, but runs no command on this" \
		"machine, see above; it is kept in $entry and tried again next" \
		"time"
	return 1
}
