#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts the driver into the initramfs, so that it has the device from the
# beginning, together with the rule that takes the device from a built-in
# virtio_rng.
# shellcheck disable=SC2154 # moddir and kernel are dracut's

check() {
	[ -n "$(find "${srcmods:-/lib/modules/$kernel}" -name 'vrng.ko*' \
		-print -quit 2>/dev/null)" ] || return 1
	# An image for this machine only needs it if there is such a device.
	[ -z "${hostonly-}" ] ||
		grep -qsx 0x0004 /sys/bus/virtio/devices/*/device
}

depends() {
	return 0
}

installkernel() {
	hostonly='' instmods vrng
}

install() {
	inst_rules 60-vrng.rules
	inst_multiple -o /usr/libexec/vrng/rebind \
		/usr/lib/modprobe.d/vrng.conf /lib/modprobe.d/vrng.conf
}
