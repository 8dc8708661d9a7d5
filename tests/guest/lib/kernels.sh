# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Finds the kernel of the --kernel option. Sets KERNEL_IMAGE, KERNEL_KIND (qemu or uml),
# KERNEL_ARCH, KERNEL_RELEASE and KERNEL_ROOT (the folder that has lib/modules/RELEASE).

# shellcheck source=tests/guest/lib/kernel_name.sh
. "$HERE/lib/kernel_name.sh"

# Prints the architecture of this machine, by Debian's name.
machine_arch() {
	dpkg --print-architecture 2>/dev/null && return
	case $(uname -m) in
	aarch64) echo arm64 ;;
	armv*) echo armhf ;;
	i?86) echo i386 ;;
	ppc64le) echo ppc64el ;;
	x86_64) echo amd64 ;;
	*) uname -m ;;
	esac
}

MACHINE_ARCH=$(machine_arch)
readonly MACHINE_ARCH
# A kernel is of this machine's architecture unless its directory names another.
KERNEL_ARCH=$MACHINE_ARCH

is_own_arch() {
	[ "$KERNEL_ARCH" = "$MACHINE_ARCH" ]
}

# bytes_of FILE OFFSET LENGTH: prints them, without zero bytes.
bytes_of() {
	dd if="$1" iflag=skip_bytes,count_bytes skip="$2" count="$3" \
		status=none | tr -d '\0'
}

# Prints the release of a bzImage. The boot protocol's header has, at 0x20e, the offset
# of the version string minus 0x200.
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

# A UML program prints its release itself. Its modules may be beside it.
use_file() {
	KERNEL_IMAGE=$1
	if KERNEL_RELEASE=$(bzimage_release "$1"); then
		KERNEL_KIND=qemu
	elif is_elf "$1" && KERNEL_RELEASE=$(timeout 20 "$1" --version); then
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
	# A path that has no slash is taken for a name unless the file exists.
	[[ -e $name || $name == */* ]] || die "$EX_USAGE" "--kernel" \
		"$(unknown_kernel "$name"); or give a path"
	[ -r "$name" ] || die "$EX_UNAVAILABLE" "$name:" \
		"kernel cannot be read; give a path, or a name that" \
		"'tests/guest/kernel --help' lists"
	if [ -f "$name/release" ]; then
		use_entry "$(readlink -f "$name")"
	elif [ -f "$name" ]; then
		use_file "$name"
	else
		die "$EX_UNAVAILABLE" "$name: not a kernel;" \
			"give a file, or a directory that tests/guest/kernel" \
			"printed"
	fi
}
