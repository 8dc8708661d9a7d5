# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the cases of packages, which source it after lib.sh: a Debian 12 system that runs
# from its initramfs, in a guest whose clock counts instructions. QEMU skips time in
# which the guest sleeps.
#
# BOUND=SECONDS  for one guest (900)

BUILD=$(readlink -m "${B:-$TOP/build}")
QEMU=${QEMU:-qemu-system-x86_64}
readonly BOUND=${BOUND:-900}
need_or_skip mmdebstrap cpio busybox "$QEMU"
[ "$(id -u)" = 0 ] || skip_all 'only root can unpack a system'

# The modules, in the order of their dependencies, before the driver.
readonly VIRTIO=(virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev
	virtio_pci)

build() {
	make -C "$TOP" "B=$BUILD" programs module && KERNEL=$("$HERE/kernel" debian)
}

unit() {
	install -D -m 644 -t "$ROOT/etc/systemd/system" "$@"
}

# unpack_system MODULE...: unpacks a system with these modules of $KERNEL to $ROOT.
# /modules/order names those that the probe loads.
unpack_system() {
	local module
	ROOT=$WORK/root
	rm -rf "$ROOT"
	plain_system "$ROOT" || return
	rm -rf "$ROOT"/usr/share/{doc,man,locale} "$ROOT/var/lib/apt"
	mkdir -p "$ROOT/modules"
	for module; do
		cp "$(find "$KERNEL/lib" -name "$module.ko")" "$ROOT/modules" || return
	done
	cp "$(command -v busybox)" "$ROOT/modules/busybox"
	echo "$*" >"$ROOT/modules/order"
}

# unpack DRIVER: the same, with that driver.
unpack() {
	unpack_system "${VIRTIO[@]}" virtio-rng &&
		cp "$BUILD/driver/$(cat "$KERNEL/release")/vrng.ko" \
			"$ROOT/modules" || return
	echo "${VIRTIO[*]} $1" >"$ROOT/modules/order"
}

# service_files: rngd.service and what it needs, as the package has it, without dpkg.
service_files() {
	install -t "$ROOT/usr/sbin" "$BUILD/rngd/rngd" "$BUILD/rngd/rngctl"
	install -D -m 644 -t "$ROOT/etc/vrng" "$TOP/packaging/systemd/rngd.conf"
	install -D -m 644 -t "$ROOT/etc/udev/rules.d" \
		"$TOP/packaging/udev/60-rngd.rules"
	unit "$TOP/packaging/systemd/rngd.service"
	mkdir -p "$ROOT/etc/systemd/system/multi-user.target.wants"
	ln -s ../rngd.service "$ROOT/etc/systemd/system/multi-user.target.wants"
}

# pack PROBE: makes the initramfs of $ROOT, which runs that program, whose output is in
# $WORK/lines.
pack() {
	install "$1" "$ROOT/modules/probe"
	cat >"$WORK/probe.service" <<-'END'
	[Service]
	ExecStart=/bin/sh -c 'exec /modules/probe >/dev/ttyS1 2>&1'
	END
	unit "$WORK/probe.service"
	mkdir -p "$ROOT/etc/systemd/system/multi-user.target.wants"
	ln -s ../probe.service "$ROOT/etc/systemd/system/multi-user.target.wants"
	(cd "$ROOT" && find . | cpio -o -H newc --quiet | gzip -1) >"$WORK/initramfs"
}

# machine OPTION...: runs a guest with these options of QEMU, until it ends. An
# instruction takes 2^SHIFT ns, by default 4.
machine() {
	timeout "$BOUND" "$QEMU" -nodefaults -no-user-config -display none -no-reboot \
		-machine pc -accel tcg,tb-size=256 -icount "shift=${SHIFT:-2},sleep=off" \
		-rtc clock=vm -m 1024 -smp 1 -kernel "$KERNEL/vmlinuz" \
		-initrd "$WORK/initramfs" -append "console=ttyS0 loglevel=4 panic=-1 \
mitigations=off no_timer_check tsc=unstable ${LINE-} rdinit=/lib/systemd/systemd" \
		-serial "file:$WORK/console" -serial "file:$WORK/lines" "$@"
}
