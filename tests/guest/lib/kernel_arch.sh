# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Debian's kernel of another architecture. Its release is the one whose headers are in
# the tree of tests/arch/root, and modules for it are built in that tree.

# shellcheck source=tests/arch/lib/table.sh
. "$HERE/../arch/lib/table.sh"

# To be raised when a change below changes the entry.
readonly ARCH_RECIPE=1

# Sets TREE, SUITE and RELEASE.
arch_find_kernel() {
	arch_select "$1"
	TREE=$("$HERE/../arch/root" "$1") || exit "$EX_UNAVAILABLE"
	SUITE=$(<"$TREE/suite")
	RELEASE=$(<"$TREE/release")
}

# Removes entries of ARCH whose tree was deleted: their links lead nowhere.
arch_remove_dangling() {
	local entry
	for entry in "$(cache_dir)"/debian-arch-*-arch-"$ARCH"-????????????; do
		[ ! -d "$entry" ] || [ -e "$entry/root/" ] || rm -rf "$entry"
	done
}

# The key has the tree's name, which depends on the versions of all its packages.
kernel_arch_key() {
	arch_find_kernel "$1"
	arch_remove_dangling
	printf 'debian-arch-%s-%s-%s\n' "$ARCH_RECIPE" "$RELEASE" \
		"${TREE##*/}"
}

arch_images() {
	local entry=$1
	mkdir image && cd image || return
	suite_download "$SUITE" "linux-image-$RELEASE:$ARCH" \
		"busybox-static:$ARCH" || return
	unpack_packages . || return
	cp "$(first_of {,usr/}bin/busybox)" "$entry/busybox" || return
	debian_install_image "$entry" "$RELEASE" || return
	rm "$entry/vmlinuz"
}

# kernel_arch_make ARCH ENTRY WORK
kernel_arch_make() {
	local entry=$2 work=$3
	arch_find_kernel "$1"
	# shellcheck disable=SC2034 # suite.sh's
	SUITE_FOREIGN=$ARCH
	suite_need "$SUITE"
	progress "getting the kernel $RELEASE of $SUITE"
	(cd "$work" && arch_images "$entry") || return
	echo qemu >"$entry/kind"
	echo "$ARCH" >"$entry/arch"
	echo "$RELEASE" >"$entry/release"
	cp "$HERE/lib/kbuild" "$entry" || return
	echo "CROSS_COMPILE=$ARCH_COMPILER-" >"$entry/kargs"
	ln -s "../${TREE##*/}/root" "$entry/root"
	ln -s "root/usr/src/linux-headers-$RELEASE" "$entry/build"
}
