# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Names of Debian's kernels, VERSION[-FLAVOUR][@SUITE], and the suites that may
# have them. Any version that a suite of the mirror has is valid; none is listed here.

readonly KERNEL_NAME='^([0-9]+\.[0-9]+)(-(rt|cloud))?(@([a-z-]+))?$'

# Debian's releases, the newest first, with the kernel version of each.
readonly RELEASE_KERNELS=(trixie:6.12 bookworm:6.1 bullseye:5.10)

# Splits a name into KERNEL_VERSION, KERNEL_FLAVOUR (may be empty) and KERNEL_SUITE
# (may be empty). Status: 1 if it is not such a name.
kernel_name_parse() {
	[[ $1 =~ $KERNEL_NAME ]] || return
	KERNEL_VERSION=${BASH_REMATCH[1]}
	KERNEL_FLAVOUR=${BASH_REMATCH[3]}
	KERNEL_SUITE=${BASH_REMATCH[5]}
}

version_is_older() {
	[ "$1" != "$2" ] && printf '%s\n' "$1" "$2" | sort -V -C
}

# Prints the suites that may have this version, in the order in which they are asked.
# A version newer than all releases is in sid or forky, or has been backported from
# there. experimental comes last: it may have a release candidate of a version that
# another suite has complete.
suites_of_version() {
	local version=$1 item kernel releases=() backports=()
	for item in "${RELEASE_KERNELS[@]}"; do
		kernel=${item#*:}
		[ "$kernel" != "$version" ] || releases+=("${item%:*}")
		! version_is_older "$kernel" "$version" ||
			backports+=("${item%:*}-backports")
	done
	if version_is_older "${RELEASE_KERNELS[0]#*:}" "$version"; then
		echo sid forky "${backports[@]}" experimental
	else
		echo "${releases[@]}" "${backports[@]}"
	fi
}

# suites_of_kernel NAME: prints the suites that may have it.
suites_of_kernel() {
	kernel_name_parse "$1" || return
	if [ -n "$KERNEL_SUITE" ]; then
		echo "$KERNEL_SUITE"
	else
		suites_of_version "$KERNEL_VERSION"
	fi
}

# releases_of_kernel NAME ARCH: prints a regular expression for the output of uname -r
# in such a kernel: 6.1.0-50-amd64, 6.12.117+deb13-rt-amd64, 7.3-amd64.
releases_of_kernel() {
	local arch=$2
	kernel_name_parse "$1" || return
	printf '%s([.+~][^-]*)?(-(rc)?[0-9]+)?-%s%s\n' \
		"${KERNEL_VERSION/./\\.}" \
		"${KERNEL_FLAVOUR:+$KERNEL_FLAVOUR-}" "$arch"
}

# Prints the message for a name that is not a kernel's.
unknown_kernel() {
	echo "$1: no such kernel; choose debian, debian-VERSION[-rt|-cloud]," \
		"debian-ARCH, uml, uml-VERSION, uml-gcov or kcsan; see" \
		"'tests/guest/kernel --help'"
}
