#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel that loads signed modules only, and a vrng without a signature it knows: the
# in-tree driver serves, by the same modprobe and softdep as in a system.
. "$(dirname "$0")/tap.sh"

TREE=()
MODPROBE=$(readlink -f "$(command -v modprobe || echo /sbin/modprobe)")

# tree KERNEL: options for a guest with both modules and the tools that load them.
tree() {
	local release dir
	dir=$("$HERE/kernel" "$1") && release=$(cat "$dir/release") || return
	TREE=(--file "$MODPROBE:/usr/local/bin/modprobe"
		--file "$MODPROBE:/usr/local/bin/depmod"
		--file "$TOP/packaging/modprobe/vrng.conf:/etc/modprobe.d/vrng.conf"
		--file "$BUILD/driver/$release/vrng.ko:/lib/modules/$release/vrng.ko"
		--file "$(find "$dir/lib" -name virtio-rng.ko):/lib/modules/$release/virtio-rng.ko")
}

serves() {
	holds "refused >= 1" "modprobe == 0" "bytes == 512" && prints current virtio_rng.0
}

needs debian && tree debian
if [ -z "$SKIP_REASON" ] && [ ! -x "$MODPROBE" ]; then
	SKIP_REASON='there is no modprobe'
fi
# shellcheck disable=SC2016 # expanded in the guest
check 'debian: with module.sig_enforce=1 a guest ends' \
	in_guest --kernel debian --driver none --append module.sig_enforce=1 \
	"${TREE[@]}" -- '
	depmod
	timeout 60 modprobe virtio_rng
	echo "modprobe=$?"
	timeout 60 modprobe vrng || echo "refused=1"
	echo "current=$(cat /sys/class/misc/hw_random/rng_current)"
	echo "bytes=$(timeout 20 head -c 512 /dev/hwrng | wc -c)"'
check 'debian: vrng is refused, and the in-tree driver serves' serves
done_testing
