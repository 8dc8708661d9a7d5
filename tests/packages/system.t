#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The packages on a Debian 12 system in a guest: installed, used, upgraded, removed. The
# guest runs the files of steps/; each boot runs one part of them.
#
# ACCEL=auto|kvm|tcg  how QEMU runs the guest (auto)
# BOUND=SECONDS       for one boot (3600)
set -euo pipefail

ROOM=$(dirname "$(readlink -f "$0")")
TOP=$(readlink -f "$ROOM/../..")
HERE=$TOP/tests/guest
BUILD=$(readlink -m "${B:-$TOP/build}")
# shellcheck disable=SC2034 # for accel.sh
readonly ROOM TOP HERE BUILD
QEMU=${QEMU:-qemu-system-x86_64}
for part in common accel; do
	# shellcheck source=/dev/null
	. "$HERE/lib/$part.sh"
done

readonly BOUND=${BOUND:-3600}
readonly LINE="root=/dev/vda console=ttyS0 loglevel=5 mitigations=off panic=-1 \
no_timer_check"

WORK=$(mktemp -d "${TMPDIR:-/var/tmp}/vrng-system.XXXXXX") || exit
MACHINE=

clean_up() {
	[ -z "$MACHINE" ] || kill "$MACHINE" 2>/dev/null || true
	rm -rf "$WORK"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# build_packages VERSION TO: builds the three packages and apt's index of them.
build_packages() {
	local version=$1 to=$2 copy=$WORK/copy
	mkdir -p "$copy" "$to"
	tar -xzf "$TARBALL" -C "$copy" --strip-components=1
	sed -i "s/\(VRNG_VERSION \"\).*\"/\1$version\"/" \
		"$copy/include/vrng/version.h"
	run_logged "$WORK/build.log" env -u MAKEFLAGS -u MAKELEVEL \
		make -C "$copy" B=build deb
	rm "$copy"/build/packages/*dbgsym*
	mv "$copy"/build/packages/*.deb "$to"
	(cd "$to" && dpkg-scanpackages . >Packages 2>/dev/null)
	rm -rf "$copy"
}

make_disks() {
	local system
	system=$("$ROOM/image" guest)
	cp --sparse=always "$system/disk" "$WORK/system"
	cp -r "$ROOM/steps" "$WORK/second"
	cp "$system/kernels" "$WORK/second"
	TARBALL=$("$TOP/packaging/dist" "$WORK")
	build_packages "$("$TOP/packaging/dist" --version)" "$WORK/second/one"
	# A version that is newer than any other.
	build_packages 999.0 "$WORK/second/two"
	mke2fs -q -d "$WORK/second" "$WORK/steps" 32m >/dev/null
}

# take_kernel RELEASE: copies kernel and initramfs from the system's disk, as a boot
# loader does.
take_kernel() {
	local file
	for file in "vmlinuz-$1" "initrd.img-$1"; do
		debugfs -R "dump /boot/$file $WORK/${file%%-*}" \
			"$WORK/system" 2>/dev/null
		[ -s "$WORK/${file%%-*}" ] || return
	done
}

# boot RELEASE: runs the guest until it reboots or powers off.
boot() {
	local status=0
	take_kernel "$1" || die "$EX_HARNESS" "$1: not in the system"
	# tail fails if the file does not exist when it ends.
	: >"$WORK/tap"
	# shellcheck disable=SC2086 # several words
	timeout "$BOUND" "$QEMU" -nodefaults -no-user-config -display none \
		-no-reboot -machine pc $ACCELERATOR -m 2048 -smp 2 \
		-kernel "$WORK/vmlinuz" -initrd "$WORK/initrd.img" -append "$LINE" \
		-drive "file=$WORK/system,if=virtio,format=raw,cache=unsafe" \
		-drive "file=$WORK/steps,if=virtio,format=raw,readonly=on" \
		-device virtio-rng-pci \
		-chardev "file,id=console,path=$WORK/console" \
		-serial chardev:console \
		-chardev "file,id=tap,path=$WORK/tap" -serial chardev:tap \
		2>"$WORK/machine.log" </dev/null &
	MACHINE=$!
	# Copies the guest's lines until QEMU has ended.
	tail --pid="$MACHINE" -n +1 -F "$WORK/tap" 2>/dev/null | sed -u 's/\r$//'
	wait "$MACHINE" || status=$?
	MACHINE=
	[ "$status" = 0 ] || {
		tail -n 40 "$WORK/machine.log" "$WORK/console" |
			tr -cd '\n\t -~' | sed 's/^/# /'
		echo "Bail out! the guest with $1 ended with status $status"
		exit 1
	}
	rm "$WORK/tap"
}

# shellcheck disable=SC2034 # for choose_accel
CPU=max
ACCELERATOR=$(choose_accel "${ACCEL:-auto}")
for tool in debugfs mke2fs dpkg-scanpackages; do
	need_program "$tool"
done
make_disks
while read -r release <&3; do
	boot "$release"
done 3<"$WORK/second/kernels"
