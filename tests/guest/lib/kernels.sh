# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# From the --kernel option to what is booted: KERNEL_IMAGE, KERNEL_KIND (qemu
# or uml), KERNEL_ARCH, KERNEL_RELEASE, KERNEL_ROOT (below which
# lib/modules/RELEASE is).

# The architecture of a kernel whose directory names none.
KERNEL_ARCH=amd64

# bytes_of FILE OFFSET LENGTH, without those that are 0
bytes_of() {
	dd if="$1" iflag=skip_bytes,count_bytes skip="$2" count="$3" \
		status=none | tr -d '\0'
}

# The boot protocol's header: at 0x20e the offset of the version string - 0x200.
bzimage_release() {
	local offset text
	[ "$(bytes_of "$1" $((0x202)) 4)" = HdrS ] || return 1
	offset=$(od -A n -t u2 -j $((0x20e)) -N 2 "$1")
	text=$(bytes_of "$1" $((offset + 0x200)) 256)
	echo "${text%%[[:space:]]*}"
}

is_elf() {
	[ "$(head -c 4 "$1" | od -A n -t x1)" = ' 7f 45 4c 46' ]
}

use_entry() {
	KERNEL_ROOT=$1
	KERNEL_IMAGE=$1/kernel
	KERNEL_KIND=$(<"$1/kind")
	[ "$KERNEL_KIND" != pc ] || KERNEL_KIND=qemu
	[ ! -f "$1/arch" ] || KERNEL_ARCH=$(<"$1/arch")
	KERNEL_RELEASE=$(<"$1/release")
}

# A UML program tells its release itself, and may have its modules beside it.
use_file() {
	KERNEL_IMAGE=$1
	if KERNEL_RELEASE=$(bzimage_release "$1"); then
		KERNEL_KIND=qemu
	elif is_elf "$1" && KERNEL_RELEASE=$(timeout 5 "$1" --version); then
		KERNEL_KIND=uml
	else
		die "$EX_UNAVAILABLE" "$1: neither a bzImage nor a UML program;" \
			"give one of these"
	fi
	KERNEL_ROOT=$(dirname "$(readlink -f "$1")")
	[ -d "$KERNEL_ROOT/lib/modules/$KERNEL_RELEASE" ] || KERNEL_ROOT=/
}

find_kernel() {
	local name=$1 entry
	case $name in
	debian | uml | uml-gcov | kcsan | debian-* | uml-[0-9]*)
		entry=$("$HERE/kernel" "$name") || exit
		use_entry "$entry"
		return
		;;
	esac
	[ -r "$name" ] || die "$EX_UNAVAILABLE" "$name:" \
		"kernel cannot be read; give a name that 'kernel --help' lists," \
		"or the path of one"
	if [ -f "$name/release" ]; then
		use_entry "$(readlink -f "$name")"
	elif [ -f "$name" ]; then
		use_file "$name"
	else
		die "$EX_UNAVAILABLE" "$name: not a kernel;" \
			"give a file, or a directory that 'kernel' printed"
	fi
}
