#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# C of the kernel: the kernel's own warnings, sparse and checkpatch.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The kernel's own build of the whole module. It checks what it compiles, so it
# must compile all of it.
build_module() {
	rm -rf "$BUILD/lint/driver"
	make -s module KOUT="$BUILD/lint/driver" C=2 W=1 2>&1 |
		grep -v '^Skipping BTF'
	[ "${PIPESTATUS[0]}" = 0 ]
}
export -f build_module
export BUILD

with_sparse() {
	local input
	local -a inputs=(--input driver/Kbuild --input driver/toolchain)
	while read -r input; do
		inputs+=(--input "$input")
	done < <(files 'driver/*.c' 'driver/*.h' 'driver/probes/*')
	echo driver/driver.mk | each sparse "${inputs[@]}" \
		--key "$(version_of sparse)" --key "$(version_of gcc)" \
		--key "${KVER-} ${KDIR-} $(ls -d /lib/modules/*/build 2>/dev/null)" -- \
		bash -c build_module
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

# It exits with 0 when it warns and counts what it found.
checkpatch() {
	"$@" | grep -v '^total: 0 errors, 0 warnings, 0 checks'
	[ "${PIPESTATUS[0]}" = 0 ]
}
export -f checkpatch

# Types that portable.h has to name for userspace, and a macro that makes one
# definition of each argument it is given twice.
with_checkpatch() {
	local script
	script=$(checkpatch_script) || return
	# shellcheck disable=SC2016 # that shell's
	kernel_c | each checkpatch --batch 8 --key "$(version_of "$script")" -- \
		bash -c 'checkpatch "$0" "$@"' "$script" --strict --no-tree --terse \
		--show-types --quiet \
		--ignore PREFER_KERNEL_TYPES,MACRO_ARG_REUSE -f
	local status=$?
	rm -f .checkpatch-camelcase*
	return "$status"
}

clean "sparse and the kernel's warnings are quiet" with_sparse
clean "checkpatch --strict is quiet on kernel code" with_checkpatch
done_linting
