# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The architectures, by Debian's names, and the names that other programs use.

readonly ARCHES=(arm64 s390x ppc64el armhf i386 riscv64)
# Those that `make check` tests: a 64-bit one, and a big-endian one.
readonly ARCHES_QUICK=(arm64 s390x)

# arch_others ARCH...: prints those that are not this machine's.
arch_others() {
	local own arch
	own=$(dpkg --print-architecture 2>/dev/null)
	for arch; do
		[ "$arch" = "$own" ] || printf '%s\n' "$arch"
	done
}

# arch_select ARCH sets
#   ARCH           Debian's name
#   ARCH_COMPILER  the name of the cross compiler, without -gcc
#   ARCH_LIBRARIES the folder of its libraries below /usr/lib
#   ARCH_KERNEL    the value of ARCH= when a kernel is built
#   ARCH_HEADERS   the package that depends on the newest headers of a kernel
#   ARCH_EMULATOR  the program that runs its programs
#   ARCH_SUITE     the suite that has it, where the machine's own suite does not
arch_select() {
	ARCH=$1 ARCH_SUITE=
	case $ARCH in
	arm64) arch_row aarch64 '' arm64 arm64 qemu-aarch64 ;;
	s390x) arch_row s390x '' s390 s390x qemu-s390x ;;
	ppc64el) arch_row powerpc64le '' powerpc powerpc64le qemu-ppc64le ;;
	armhf) arch_row arm-linux-gnueabihf '' arm armmp qemu-arm ;;
	i386) arch_row i686 i386 x86 686-pae qemu-i386 ;;
	riscv64)
		arch_row riscv64 '' riscv riscv64 qemu-riscv64
		ARCH_SUITE=trixie
		;;
	*) return 1 ;;
	esac
}

# arch_build: prints the folder in which programs of ARCH are built, relative to
# the checkout if it is below the checkout.
arch_build() {
	local top out
	top=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../../..")
	out=$(readlink -m "${B:-$top/build}")/arch/$ARCH
	printf '%s\n' "${out#"$top/"}"
}

# arch_row COMPILER LIBRARIES KERNEL HEADERS EMULATOR: "-linux-gnu" is added to a
# COMPILER that is a processor alone. LIBRARIES is COMPILER by default.
arch_row() {
	ARCH_COMPILER=$1
	[[ $1 == *-* ]] || ARCH_COMPILER=$1-linux-gnu
	ARCH_LIBRARIES=${2:+$2-linux-gnu}
	ARCH_LIBRARIES=${ARCH_LIBRARIES:-$ARCH_COMPILER}
	ARCH_KERNEL=$3
	ARCH_HEADERS=linux-headers-$4
	ARCH_EMULATOR=$5
}
