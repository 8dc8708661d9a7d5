#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The .rpm packages, as far as they can be tested on another system than Fedora.
# packaging/fedora/try tests the rest on Fedora.
set -uo pipefail
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
need_or_skip rpmbuild
readonly RPMS=$WORK/rpms

check 'make rpm makes the packages' packages rpm "$RPMS"

seven() {
	local name
	for name in dkms-vrng vrng-devel vrng-host vrng-kmod-common vrng-tools; do
		rpm -qp --qf '%{NAME} %{VERSION} %{SIZE}\n' \
			"$RPMS/$name-$VERSION-1"*.rpm | grep "^$name $VERSION " ||
			return
	done
	[ -e "$RPMS/vrng-$VERSION-1.src.rpm" ] &&
		[ -e "$RPMS/vrng-kmod-$VERSION-1.src.rpm" ]
}
check 'the packages are tools, host, devel, dkms and the source for akmods' seven

# One at a time: rpmlint mixes up the sources of several packages.
lint() {
	local package
	for package in "$RPMS"/*.rpm; do
		rpmlint -c "$TOP/packaging/fedora/rpmlint.toml" "$package" |
			tee -a "$WORK/lint" || return
	done
	[ "$(grep -c ' 0 errors, 0 warnings' "$WORK/lint")" = 7 ]
}
check_with rpmlint 'rpmlint reports nothing' lint

check 'the bill of materials lists each package with its sum' \
	billed "$RPMS/vrng-$VERSION.rpm.spdx" "$RPMS"/*.rpm "$RPMS"/*.tar.gz

# Builds the module from the source package. kmodtool, which writes the rest of its spec
# file, exists on Fedora only.
akmod() {
	local kernel release top=$WORK/akmod
	kernel=$(newest_headers) || return
	release=${kernel#*headers-}
	mkdir -p "$top"
	rpm -i --nodeps --define "_topdir $top" "$RPMS"/vrng-kmod-*.src.rpm &&
		rpmbuild -bi --nodeps --define "_topdir $top" \
			--define "kernel_versions ${release}___$kernel" \
			--define 'kmodinstdir_prefix /lib/modules' \
			--define 'kmodinstdir_postfix extra/vrng' \
			--define '_unpackaged_files_terminate_build 0' \
			"$top/SPECS/vrng-kmod.spec" &&
		modinfo -F vermagic \
			"$top"/BUILDROOT/*/lib/modules/"$release"/extra/vrng/vrng.ko |
		grep -F "$release "
}
check 'the source for akmods builds the module' akmod

readonly SYSTEM=$WORK/system

# Runs rpm on a Debian system, whose packages it does not know.
rpm_root() {
	rpm --root "$SYSTEM" --nodeps "$@"
}

# Folders of Fedora's packages filesystem and dracut that Debian does not have.
readonly FOLDERS=(/usr/share/licenses /usr/share/man/man4
	/usr/lib/dracut/modules.d)

installs() {
	plain_system "$SYSTEM" && cp "$ROOM/steps/holdings" "$SYSTEM/tmp" &&
		mkdir -p "${FOLDERS[@]/#/$SYSTEM}" &&
		rpm --root "$SYSTEM" --initdb &&
		in_system "$SYSTEM" /tmp/holdings >"$WORK/before" || return
	rpm_root -i "$RPMS"/vrng-{tools,host,devel,kmod-common}-"$VERSION"*.rpm &&
		rpm_root -V vrng-tools vrng-host vrng-devel vrng-kmod-common
}

upgrades() {
	echo 'feed-interval = 31' >>"$SYSTEM/etc/vrng/rngd.conf"
	rpm_root -U --force "$RPMS"/vrng-{tools,host,devel,kmod-common}-"$VERSION"*.rpm &&
		grep -x 'feed-interval = 31' "$SYSTEM/etc/vrng/rngd.conf"
}

# Erases the packages. Changed settings stay, and are removed here.
erases() {
	rpm_root -e vrng-tools vrng-host vrng-devel vrng-kmod-common || return
	rm "$SYSTEM/etc/vrng/rngd.conf.rpmsave" && rmdir "$SYSTEM/etc/vrng" || return
	in_system "$SYSTEM" /tmp/holdings | grep -v /lib/rpm/ |
		diff "$WORK/before" -
}

check_in_system 'rpm --root installs the packages that need no kernel' installs
check_in_system 'the installed programs work' programs_work "$SYSTEM" "$VERSION"
check_in_system 'an upgrade keeps the settings' upgrades
check_in_system 'erased packages leave no file' erases
done_testing
