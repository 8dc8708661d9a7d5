# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Names of Debian's kernels, VERSION[-FLAVOUR][@SUITE], and the suites that may
# have them. No version is listed: whatever a suite of the mirror has can be named.

readonly KERNEL_NAME='^([0-9]+\.[0-9]+)(-(rt|cloud))?(@([a-z-]+))?$'

# Debian's releases, the newest first, with the kernel version of each.
readonly RELEASE_KERNELS=(trixie:6.12 bookworm:6.1 bullseye:5.10)

# Sets KERNEL_VERSION, KERNEL_FLAVOUR (may be empty) and KERNEL_SUITE (may be
# empty) from a name; false if it is not one.
kernel_name_parse() {
	[[ $1 =~ $KERNEL_NAME ]] || return
	KERNEL_VERSION=${BASH_REMATCH[1]}
	KERNEL_FLAVOUR=${BASH_REMATCH[3]}
	KERNEL_SUITE=${BASH_REMATCH[5]}
}

version_is_older() {
	[ "$1" != "$2" ] && printf '%s\n' "$1" "$2" | sort -V -C
}

# The suites that may have this version, in the order in which they are asked.
# What is newer than each release is in sid or forky or has been backported from
# there; experimental comes last, as it may have a candidate of what others have.
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

# suites_of_kernel NAME: where it may be.
suites_of_kernel() {
	kernel_name_parse "$1" || return
	if [ -n "$KERNEL_SUITE" ]; then
		echo "$KERNEL_SUITE"
	else
		suites_of_version "$KERNEL_VERSION"
	fi
}

# releases_of_kernel NAME ARCH: a regular expression for what uname -r may say in
# such a kernel: 6.1.0-50-amd64, 6.12.117+deb13-rt-amd64, 7.3-amd64.
releases_of_kernel() {
	local arch=$2
	kernel_name_parse "$1" || return
	printf '%s([.+~][^-]*)?(-(rc)?[0-9]+)?-%s%s\n' \
		"${KERNEL_VERSION/./\\.}" \
		"${KERNEL_FLAVOUR:+$KERNEL_FLAVOUR-}" "$arch"
}
