#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How tests/guest/kernel finds Debian's kernels: from a name to the suites to ask and
# the releases that fit, and from unpacked packages to an entry of the cache. No mirror
# is asked; the packages hold a fake kernel, at the places where the suites put it.
# shellcheck disable=SC2317 # ok calls what it is given
set -uo pipefail

HERE=$(dirname "$(readlink -f "$0")")/../guest
readonly HERE
for part in common kernel_name suite kernel_debian; do
	# shellcheck source=/dev/null
	. "$HERE/lib/$part.sh"
done
readonly RELEASE=9.9.9-fake

WORK=$(mktemp -d "${TMPDIR:-/tmp}/vrng-kernels.XXXXXX") || exit
trap 'rm -rf "$WORK"' EXIT
CASE_OUT=$WORK/out
# shellcheck source=cases.sh
. "$(dirname "$0")/cases.sh"

asks() {
	local found
	found=$(suites_of_kernel "$1")
	echo "$found"
	[ "$found" = "$2" ]
}

newest_of_equal_version_is() {
	printf '%s\n' 6.12.90+deb12-amd64 6.12.90+deb12.1-amd64 7.2.13+deb14-amd64 \
		6.1.0-47-amd64 6.1.0-50-amd64 6.1.0-50-rt-amd64 \
		6.1.0-50-cloud-amd64 7.3-amd64 7.3-rt-amd64 7.4-rc2-amd64 \
		7.30.1-amd64 6.1.0-50-common 6.12.90+deb12-rt-amd64 |
		grep -xE "$(releases_of_kernel "$1" amd64)" | sort -V |
		tail -n 1 | grep -xF -e "$2"
}

is_no_name() {
	! kernel_name_parse "$1"
}

# packages_with KERNEL MODULES: makes unpacked packages with the modules below MODULES
# and the kernel in boot/ (boot) or with them (beside).
packages_with() {
	local kernel=$1 modules=$2/modules/$RELEASE
	rm -rf "$WORK/packages" "$WORK/entry"
	mkdir -p "$WORK/entry" "$WORK/packages/$modules/kernel/drivers/virtio" \
		"$WORK/packages/boot"
	cd "$WORK/packages" || return
	: | tee "$modules"/modules.{order,builtin,builtin.modinfo} \
		>"$modules/kernel/drivers/virtio/virtio.ko"
	case $kernel in
	boot) kernel=boot/%s-$RELEASE ;;
	beside) kernel=$modules/%s ;;
	esac
	# shellcheck disable=SC2059 # the place of a name in the path
	{
		echo kernel >"$(printf "$kernel" vmlinuz)"
		echo options >"$(printf "$kernel" config)"
	}
}

is_installed() {
	packages_with "$1" "$2" && debian_install_image "$WORK/entry" "$RELEASE" &&
		cd "$WORK/entry" && grep -q kernel kernel vmlinuz &&
		grep -q options config && [ "$(<release)" = "$RELEASE" ] &&
		[ -f "lib/modules/$RELEASE/kernel/drivers/virtio/virtio.ko" ] &&
		[ -f "lib/modules/$RELEASE/modules.dep" ]
}

is_told_if_missing() {
	packages_with boot lib && rm "boot/vmlinuz-$RELEASE" || return
	(debian_install_image "$WORK/entry" "$RELEASE") >"$WORK/said" 2>&1 &&
		return 1
	grep "none of: boot/vmlinuz-$RELEASE" "$WORK/said"
}

# All programs of this machine but those of apt and dpkg.
make_bin() {
	mkdir "$WORK/bin" && ln -s /usr/bin/* "$WORK/bin" || return
	rm -f "$WORK"/bin/apt* "$WORK"/bin/dpkg*
}

# needs_debian PROGRAM ARGUMENT...: without apt and dpkg it ends with status 69 and one
# line that says what it needs.
needs_debian() {
	local program=$1 status=0
	shift
	PATH=$WORK/bin XDG_CACHE_HOME=$WORK/cache "$HERE/../$program" "$@" \
		>"$WORK/said" 2>&1 || status=$?
	cat "$WORK/said"
	[ "$status" = 69 ] && [ "$(wc -l <"$WORK/said")" = 1 ] &&
		grep -q 'apt-get: not found.*Debian' "$WORK/said"
}

# guest_of NAME: runs a guest of it, without apt, without a cache, and with the modules
# of $WORK/build.
guest_of() {
	PATH=$WORK/bin XDG_CACHE_HOME=$WORK/cache B=$WORK/build "$HERE/guest" \
		--kernel "$1" -- true >"$WORK/said" 2>&1
}

names_command() {
	local status=0
	guest_of "$1" || status=$?
	cat "$WORK/said"
	[ "$status" = 69 ] && [ "$(wc -l <"$WORK/said")" = 1 ] &&
		grep -qF "$1: the module is not built; run '$2'" "$WORK/said"
}

goes_on_to_kernel() {
	local status=0
	guest_of "$1" || status=$?
	cat "$WORK/said"
	[ "$status" = 69 ] && ! grep -q 'not built' "$WORK/said"
}

ok "a release's own kernel is asked of that release first" \
	asks 6.1 'bookworm bullseye-backports'
ok "a kernel between two releases is a backport" \
	asks 6.6 'bookworm-backports bullseye-backports'
ok "a kernel newer than each release may be in sid" asks 7.2-rt \
	'sid forky trixie-backports bookworm-backports bullseye-backports experimental'
ok "a suite in the name is the only one asked" \
	asks 7.3-cloud@experimental experimental
ok "a version has the newest ABI" \
	newest_of_equal_version_is 6.1 6.1.0-50-amd64
ok "a version that was uploaded twice has the newer upload" \
	newest_of_equal_version_is 6.12 6.12.90+deb12.1-amd64
ok "a version is no prefix of another" newest_of_equal_version_is 7.3 7.3-amd64
ok "a flavour is its own kernel" newest_of_equal_version_is 7.3-rt 7.3-rt-amd64
ok "a candidate is found" newest_of_equal_version_is 7.4 7.4-rc2-amd64
for name in 7 7. 7.3-pae 7.3@ '7.3@../x' '7.3 sid' ''; do
	ok "'$name' is no kernel's name" is_no_name "$name"
done
for kernel in boot beside; do
	for modules in lib usr/lib; do
		ok "packages with the kernel in $kernel, modules in $modules" \
			is_installed "$kernel" "$modules"
	done
done
ok "packages without a kernel are refused with the missing names" is_told_if_missing

make_bin
for words in 'guest/kernel debian-7.2' 'guest/kernel uml-7.2' \
	'guest/kernel debian-s390x' 'guest/qemu machine qemu-system-s390x' \
	'arch/root s390x' 'arch/build s390x programs' 'distros/tree trixie'; do
	# shellcheck disable=SC2086 # a program and its arguments
	ok "$words: needs a Debian system, and says so" needs_debian $words
done

# A download would end at once, with another message.
for pair in debian-6.12:make\ module-debian-6.12 uml-7.2:make\ module-uml-7.2 \
	debian:make\ module uml:make\ module-uml \
	debian-s390x:tests/arch/build\ s390x\ programs\ module; do
	ok "guest --kernel ${pair%%:*}: the command for the module is printed first" \
		names_command "${pair%%:*}" "${pair#*:}"
done
mkdir -p "$WORK/build/driver/6.1.0-1-$(dpkg --print-architecture)"
: >"$WORK/build/driver/6.1.0-1-$(dpkg --print-architecture)/vrng.ko"
ok "the module of another version does not count" \
	names_command debian-6.12 'make module-debian-6.12'
ok "with a module of that version it goes on to the kernel" \
	goes_on_to_kernel debian-6.1

end_cases
