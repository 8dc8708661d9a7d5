#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel is installed although vrng does not build for it: on a Debian 12 system, with
# its dkms and two kernels, in a chroot of its disk.
set -uo pipefail

# The mounts end with this process.
if [ -z "${MOUNTS_ARE_OURS-}" ] && unshare -m true 2>/dev/null; then
	export MOUNTS_ARE_OURS=1
	exec unshare -m "$0" "$@"
fi
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
need_or_skip mmdebstrap genext2fs dpkg-buildpackage dh_dkms fakeroot
[ -n "${MOUNTS_ARE_OURS-}" ] || skip_all 'only root can mount a disk'

ROOT=$WORK/root
clean_up() {
	umount -R "$ROOT" 2>/dev/null
	# Nothing is removed below a mount that stays.
	mountpoint -q "$ROOT" || rm -rf "$WORK"
}

furnish() {
	local system
	system=$("$ROOM/image" guest) || return
	mkdir "$ROOT"
	cp --sparse=always "$system/disk" "$WORK/disk" &&
		mount -o loop "$WORK/disk" "$ROOT" &&
		mount -t proc proc "$ROOT/proc" &&
		mount -t tmpfs tmpfs "$ROOT/dev" || return
	mknod -m 666 "$ROOT/dev/null" c 1 3
	mknod -m 666 "$ROOT/dev/urandom" c 1 9
	ln -s /proc/self/fd "$ROOT/dev/fd"
	echo MODULES=list >"$ROOT/etc/initramfs-tools/conf.d/small"
	OLD=$(head -n 1 "$system/kernels")
	NEW=$(tail -n 1 "$system/kernels")
	packages deb "$WORK/debs" &&
		cp "$WORK"/debs/vrng-dkms_*.deb "$ROOT/srv/vrng-dkms.deb"
}

# apt ARGUMENT...: its output is in $WORK/apt.
apt() {
	in_chroot apt-get -q -y --no-install-recommends "$@" >"$WORK/apt" 2>&1
	local status=$?
	cat "$WORK/apt"
	return $status
}

in_chroot() {
	timeout 900 chroot "$ROOT" env PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive "$@"
}

has_module() {
	in_chroot dkms status vrng -k "$1" | grep ': installed' &&
		in_chroot modinfo -k "$1" -F version vrng
}

# The system has not the running kernel, so dkms builds for all that it has.
installs() {
	apt update && apt install /srv/vrng-dkms.deb && has_module "$OLD"
}

# break_in FOLDER: makes the driver's source there one that no compiler takes.
break_in() {
	echo '#error "no kernel has this"' >>"$1/main.c"
}

# messages COUNT RELEASE: so many in the output of the last apt.
messages() {
	cat "$WORK/apt"
	[ "$(grep -c "^vrng: .* does not build for Linux $2, where the in-tree" \
		"$WORK/apt")" = "$1" ]
}

kernel_installs() {
	break_in "$ROOT/usr/src/vrng-$VERSION"
	apt install "linux-image-$NEW" "linux-headers-$NEW" &&
		in_chroot dpkg -s "linux-image-$NEW" | grep 'ok installed' &&
		in_chroot dpkg -s "linux-headers-$NEW" | grep 'ok installed'
}

in_tree_left() {
	! find "$ROOT/lib/modules/$NEW" -name 'vrng.ko*' | grep . &&
		in_chroot modinfo -k "$NEW" -F name virtio_rng &&
		[ -s "$ROOT/boot/initrd.img-$NEW" ] && has_module "$OLD"
}

# A package with a broken source, of a later version.
broken_package() {
	local tree=$WORK/broken
	dpkg-deb -R "$WORK"/debs/vrng-dkms_*.deb "$tree" &&
		break_in "$tree/usr/src/vrng-$VERSION" &&
		sed -i 's/^Version: .*/&+broken/' "$tree/DEBIAN/control" &&
		dpkg-deb -b "$tree" "$ROOT/srv/broken.deb" &&
		apt install /srv/broken.deb &&
		in_chroot dpkg -s vrng-dkms | grep 'ok installed'
}

named_for_both() {
	messages 1 "$OLD" && messages 1 "$NEW"
}

mended() {
	apt install --allow-downgrades /srv/vrng-dkms.deb &&
		has_module "$OLD" && has_module "$NEW"
}

# The case of autopkgtest, which looks at each kernel with headers.
autopkgtest() {
	cp "$TOP/packaging/debian/tests/module" "$ROOT/srv/module" &&
		in_chroot /srv/module && [ -L "$ROOT/lib/modules/$NEW/build" ]
}

# It sees a kernel that has no vrng.
autopkgtest_bites() {
	in_chroot dkms uninstall "vrng/$VERSION" -k "$NEW" &&
		! in_chroot /srv/module &&
		in_chroot dkms install "vrng/$VERSION" -k "$NEW"
}

purges() {
	apt purge vrng-dkms &&
		! find "$ROOT/etc/kernel" "$ROOT/usr/src" -name '*vrng*' | grep .
}

check 'a Debian system and the packages are there' furnish
check 'vrng-dkms is installed, and built for the kernel that is there' installs
check 'a kernel is installed though vrng does not build for it' kernel_installs
check 'one message says so' messages 1 "$NEW"
check 'it has the in-tree driver, and the other kernel keeps vrng' in_tree_left
check 'vrng-dkms is installed though it does not build' broken_package
check 'a message for each kernel says so' named_for_both
check 'a mended vrng-dkms is built for both kernels' mended
check 'autopkgtest: the case "module" passes' autopkgtest
check 'autopkgtest: it fails where one kernel has no vrng' autopkgtest_bites
check 'a purge removes the hooks' purges
done_testing
