#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The example for libvirt in vhost-user-rng(8), with Debian's libvirtd: its command serves
# its domain. The domain is of type qemu here, and has a kernel, a memory and a console in
# the place of "...". B names the folder of built programs.
set -uo pipefail
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
B=$(readlink -f "${B:-$TOP/build}")
export B # for enter
[ "$(id -u)" = 0 ] || skip_all "only root can start libvirtd"
[ -x "$B/tests/device/vhost-user-rng" ] ||
	skip_all "vhost-user-rng is not built; run 'make programs'"
command -v apt-get >/dev/null || skip_all "libvirt is of Debian's packages"

tree=
userland() {
	tree=$("$ROOM/libvirt") &&
		"$TOP/tests/distros/enter" "$tree" virsh --version
}

# Sets COMMAND and DOMAIN to the files of the examples.
examples() {
	mkdir "$WORK/examples" && "$TOP/tests/examples/extract" "$WORK/examples" \
		"$TOP/man/vhost-user-rng.8" || return
	COMMAND=$(grep -l 'owner=libvirt-qemu$' "$WORK"/examples/*[0-9]) &&
		DOMAIN=$(grep -l '^<domain' "$WORK"/examples/*[0-9])
}

# A guest that reads and ends, as tests/guest/guest makes it. It is run without a device.
guest() {
	local kernel
	kernel=$("$HERE/kernel" debian) && mkdir "$WORK/kept" || return
	# shellcheck disable=SC2016 # expanded in the guest
	TMPDIR=$WORK/kept "$HERE/guest" --keep --device none --driver virtio_rng \
		--timeout 120 -- 'echo "read=$(head -c 4096 /dev/hwrng | wc -c)"'
	cp "$kernel/kernel" "$WORK/kept"/vrng-guest.*/initramfs "$WORK"
}

readonly LINE="console=ttyS0 loglevel=5 mitigations=off no_timer_check panic=-1 \
GUEST_OUT=/dev/ttyS0 GUEST_STATUS=/dev/ttyS1"

rest_of_domain() {
	cat <<-END
	  <name>vm1</name>
	  <memory unit='MiB'>256</memory>
	  <os>
	    <type arch='x86_64' machine='pc'>hvm</type>
	    <kernel>$1/kernel</kernel>
	    <initrd>$1/initramfs</initrd>
	    <cmdline>$LINE</cmdline>
	  </os>
	  <devices>
	    <emulator>/usr/bin/qemu-system-x86_64</emulator>
	    <serial type='file'><source path='$1/console'/><target port='0'/></serial>
	    <serial type='file'><source path='$1/status'/><target port='1'/></serial>
	  </devices>
	END
}

# session FOLDER SUBSTITUTION: runs the domain, with the command as sed changes it.
session() {
	mkdir -m 777 "$1" && ln "$WORK/kernel" "$WORK/initramfs" "$1" || return
	chmod 644 "$1/kernel" "$1/initramfs"
	sed "$2" "$COMMAND" >"$1/device"
	rest_of_domain "$1" >"$1/rest"
	sed -e "s/type='kvm'/type='qemu'/" -e "/^  \.\.\.$/{r $1/rest
		d}" "$DOMAIN" >"$1/domain.xml"
	(cd "$1" && timeout 300 "$TOP/tests/distros/enter" "$tree" \
		env "PATH=$B/tests/device:/usr/sbin:/usr/bin" \
		"$ROOM/libvirt.session") >"$1/said" 2>&1 && return
	cat "$1/said"
	return 1
}

# The folder of this test is root's alone; QEMU has another user there.
chmod 755 "$WORK"
check 'a userland of libvirt is there' userland
check 'the page has a command and a domain' examples
check 'a guest is there' guest
check 'libvirt starts the domain of the page, whose guest reads from the device' \
	session "$WORK/as-printed" ''
fails() {
	! session "$WORK/root-s" 's/ --owner=[^ ]*//' &&
		grep 'Permission denied' "$WORK/root-s/said"
}
check 'without --owner its QEMU may not connect' fails
done_testing
