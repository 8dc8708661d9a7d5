#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The .deb packages, without a guest: their contents, and their installation, upgrade and
# purge in a system that is not running.
set -uo pipefail
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
need_or_skip dpkg-buildpackage dh_dkms fakeroot
readonly DEBS=$WORK/debs

check 'make deb makes the packages' packages deb "$DEBS"

four() {
	local package
	for package in dkms tools host dev; do
		dpkg-deb -f "$DEBS/vrng-${package}_$VERSION-1"_*.deb \
			Package Version Installed-Size Depends || return
	done
}
check 'the packages are vrng-dkms, -tools, -host and -dev of this version' four

lint() {
	lintian --pedantic --fail-on=error,warning,info,pedantic --allow-root \
		--tag-display-limit 0 "$DEBS"/*.changes >"$WORK/lint" 2>&1
	cat "$WORK/lint"
	[ ! -s "$WORK/lint" ]
}
check_with lintian 'lintian --pedantic prints nothing' lint

check 'the bill of materials lists each package with its sum' \
	billed "$DEBS/vrng-$VERSION.deb.spdx" "$DEBS"/*.deb "$DEBS"/*.tar.gz

# Builds the module as dkms does.
module() {
	local kernel
	kernel=$(newest_headers) || return
	dpkg-deb -x "$DEBS"/vrng-dkms_*.deb "$WORK/dkms" &&
		make -C "$WORK/dkms/usr/src/vrng-$VERSION" KDIR="$kernel" &&
		modinfo -F version "$WORK"/dkms/usr/src/vrng-*/vrng.ko |
		grep -xF "$VERSION" &&
		modinfo -F vermagic "$WORK"/dkms/usr/src/vrng-*/vrng.ko |
		grep -F "${kernel#*headers-} "
}
check 'the module builds from the contents of vrng-dkms' module

readonly SYSTEM=$WORK/system

installs() {
	plain_system "$SYSTEM" && cp "$ROOM/steps/holdings" "$SYSTEM/tmp" &&
		in_system "$SYSTEM" /tmp/holdings >"$WORK/before" || return
	cp "$DEBS"/vrng-{tools,host,dev}_*.deb "$SYSTEM/tmp"
	in_system "$SYSTEM" sh -c 'dpkg -i /tmp/*.deb && dpkg -V vrng-tools vrng-host vrng-dev'
}

# Runs the packages' autopkgtest cases, except the module's.
autopkgtests() {
	local name
	for name in tools host; do
		cp "$TOP/packaging/debian/tests/$name" "$SYSTEM/tmp/case" &&
			in_system "$SYSTEM" /tmp/case || return
	done
}

# appears NAME MINOR: prints what udev does when that device of the kernel appears, in a
# /sys that has nothing else.
appears() {
	local device=$SYSTEM/sys/devices/virtual/misc/$1 status
	mkdir -p "$device" "$SYSTEM/sys/class/misc"
	printf '%s\n' MAJOR=10 "MINOR=$2" "DEVNAME=$1" >"$device/uevent"
	ln -s ../../../../class/misc "$device/subsystem"
	in_system "$SYSTEM" env SYSTEMD_DEVICE_VERIFY_SYSFS=0 \
		udevadm test --action=add "${device#"$SYSTEM"}" 2>&1
	status=$?
	rm -rf "$SYSTEM"/sys/{devices,class} "$SYSTEM"/run/udev "$SYSTEM/dev/char/10:$2"
	rmdir --ignore-fail-on-non-empty "$SYSTEM/dev/char"
	return $status
}

# rngd opens vmclock as root when it starts, so it is started again; try-restart leaves
# one alone that does not run.
opens_vmclock() {
	appears vmclock0 125 |
		grep -x "run: '/bin/systemctl --no-block try-restart rngd.service'"
}

wants_rngd() {
	appears hw_random 183 | grep -x 'SYSTEMD_WANTS=rngd.service'
}

# later PACKAGE: makes the same package of a later version.
later() {
	local tree=$WORK/later package=$SYSTEM/tmp/$1.deb
	rm -rf "$tree" "$SYSTEM/tmp/$1"_*.deb
	dpkg-deb -R "$DEBS/$1"_*.deb "$tree" &&
		sed -i 's/^Version: .*/Version: 999.0-1/' "$tree/DEBIAN/control" &&
		dpkg-deb --root-owner-group -b "$tree" "$package"
}

upgrades() {
	later vrng-tools && later vrng-host || return
	echo 'feed-interval = 31' >>"$SYSTEM/etc/vrng/rngd.conf"
	in_system "$SYSTEM" sh -c 'dpkg -i /tmp/*.deb' &&
		in_system "$SYSTEM" dpkg -s vrng-tools |
		grep -x 'Version: 999.0-1' &&
		grep -x 'feed-interval = 31' "$SYSTEM/etc/vrng/rngd.conf"
}

purges() {
	in_system "$SYSTEM" dpkg --purge vrng-tools vrng-host vrng-dev &&
		in_system "$SYSTEM" /tmp/holdings | diff "$WORK/before" -
}

check_in_system 'vrng-tools, vrng-host and vrng-dev install' installs
check_in_system 'the installed programs work' programs_work "$SYSTEM" "$VERSION"
check_in_system 'the cases of autopkgtest pass' autopkgtests
check_in_system 'udev starts rngd again when vmclock appears' opens_vmclock
check_in_system 'udev starts rngd when the generator of the kernel appears' wants_rngd
check_in_system 'an upgrade keeps the settings' upgrades
check_in_system 'a purge leaves no file, user or group' purges
done_testing
