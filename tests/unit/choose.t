#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which hwrng packaging/udev/choose makes the current one, in a folder that stands for
# the kernel's. TAP on stdout.
# shellcheck disable=SC2317 # ok calls functions by name
set -uo pipefail

top=$(readlink -f "$(dirname "$0")/../..")
work=$(mktemp -d "${TMPDIR:-/tmp}/vrng-choose.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
CASE_OUT=$work/out
# shellcheck source=cases.sh
. "$(dirname "$0")/cases.sh"

# becomes NAME CURRENT SELECTED THEIRS OURS AVAILABLE: THEIRS and OURS are what the
# current hwrng and vrng claim.
becomes() {
	local dir=$work/hwrng
	mkdir -p "$dir/parameters"
	echo "$2" >"$dir/rng_current"
	echo "$3" >"$dir/rng_selected"
	echo "$4" >"$dir/rng_quality"
	echo "$5" >"$dir/parameters/quality"
	echo "$6" >"$dir/rng_available"
	VRNG_HWRNG=$dir VRNG_MODULE=$dir "$top/packaging/udev/choose" || return
	cat "$dir/rng_current"
	[ "$(<"$dir/rng_current")" = "$1" ]
}

ok "a TPM that came first gives way" \
	becomes virtio tpm-rng-0 0 1024 1024 "tpm-rng-0 virtio none"
ok "to the in-tree driver's name, too" \
	becomes virtio_rng.0 tpm-rng-0 0 1024 1024 "tpm-rng-0 virtio_rng.0"
ok "what somebody has chosen stays" \
	becomes tpm-rng-0 tpm-rng-0 1 1024 1024 "tpm-rng-0 virtio"
ok "the TPM of an encrypted guest stays" \
	becomes tpm-rng-0 tpm-rng-0 0 1024 1 "tpm-rng-0 virtio"
ok "an hwrng that is no TPM stays" \
	becomes timeriomem timeriomem 0 1024 1024 "timeriomem virtio"
ok "without the module nothing changes" \
	becomes tpm-rng-0 tpm-rng-0 0 1024 "" "tpm-rng-0"

end_cases
