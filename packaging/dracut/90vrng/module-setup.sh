#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The driver is in the initramfs, so that the device is its from the beginning,
# and with it what takes the device from a virtio_rng that is built in.
# shellcheck disable=SC2154 # moddir and kernel are dracut's

check() {
	[ -n "$(find "${srcmods:-/lib/modules/$kernel}" -name 'vrng.ko*' \
		-print -quit 2>/dev/null)" ] || return 1
	# In images for this machine alone: only where there is such a device.
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
