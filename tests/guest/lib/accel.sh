# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# How QEMU runs a guest.

choose_accel() {
	case $1 in
	kvm) echo -accel kvm -cpu max ;;
	*) echo -accel tcg,tb-size=256 -cpu max ;;
	esac
}
