# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Debian's kernel of any suite, and a userland of that suite to build modules in: the
# headers contain programs that need its libraries, and name its compiler.

# To be raised when a change below changes the entry.
readonly SUITE_RECIPE=2

# What make and its scripts use, beside the dependencies of the headers. binutils has
# the assembler by the name that the compiler calls.
readonly USERLAND_PACKAGES=(make binutils bash dash coreutils sed grep mawk
	findutils diffutils)

# Sets SUITE and RELEASE of the newest kernel of this name.
suite_find_kernel() {
	local name=$1 suite arch package
	suite_need_apt
	arch=$(dpkg --print-architecture) || return
	for suite in $(suites_of_kernel "$name"); do
		suite_try "$suite" || continue
		package=$(suite_newest "$suite" \
			"linux-headers-$(releases_of_kernel "$name" "$arch")") ||
			continue
		SUITE=$suite
		RELEASE=${package#linux-headers-}
		return
	done
	die "$EX_UNAVAILABLE" "debian-$name: the mirror has no headers of such a" \
		"kernel; looked in: $(suites_of_kernel "$name")"
}

kernel_suite_key() {
	suite_find_kernel "$1"
	need_program unshare
	printf 'debian-suite-%s-%s-%s\n' "$SUITE_RECIPE" "$RELEASE" \
		"$(suite_version "$SUITE" "linux-headers-$RELEASE")"
}

# Prints the packages of the image: one, or several of the same release.
suite_image_packages() {
	suite_apt "$SUITE" apt-cache pkgnames linux- |
		grep -xE "linux-(image|base|binary|modules)-${RELEASE//[.+]/\\&}"
}

unpack_packages() {
	local to=$1 package
	for package in ./*.deb; do
		dpkg-deb -x "$package" "$to" && rm "$package" || return
	done
}

suite_image() {
	local entry=$1 packages
	mapfile -t packages < <(suite_image_packages)
	mkdir image && cd image || return
	suite_download "$SUITE" "${packages[@]}" || return
	unpack_packages . || return
	debian_install_image "$entry" "$RELEASE"
}

suite_userland() {
	local entry=$1
	mkdir userland && cd userland || return
	suite_download_all "$SUITE" "linux-headers-$RELEASE" \
		"${USERLAND_PACKAGES[@]}" || return
	unpack_packages "$entry/root" || return
	userland_finish "$entry/root" || return
	cp "$HERE/lib/kbuild" "$entry" || return
	ln -s "root/usr/src/linux-headers-$RELEASE" "$entry/build"
}

# kernel_suite_make NAME ENTRY WORK
kernel_suite_make() {
	local entry=$2 work=$3
	suite_find_kernel "$1"
	progress "getting the kernel $RELEASE of $SUITE, and what builds modules for it"
	(cd "$work" && suite_image "$entry") || return
	(cd "$work" && suite_userland "$entry")
}
