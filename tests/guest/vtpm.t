#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest with a TPM, which swtpm emulates. The kernel has it as an hwrng before it loads
# a module. vrng takes its place, on newer kernels by the udev rule of the packages.
#
# It boots by qboot. Under SeaBIOS QEMU puts the initramfs over a part of the ACPI tables,
# which a TPM makes larger.
. "$(dirname "$0")/tap.sh"

readonly BYTES=4096
SWTPM=

tpm_end() {
	[ -z "$SWTPM" ] || kill "$SWTPM" 2>/dev/null
	[ -z "$SWTPM" ] || wait "$SWTPM" 2>/dev/null
	SWTPM=
}
trap 'tpm_end; rm -rf "$WORK"' EXIT

# tpm_begin: starts a new TPM that listens at $WORK/tpm.sock.
tpm_begin() {
	rm -rf "$WORK/tpm" "$WORK/tpm.sock"
	mkdir "$WORK/tpm"
	swtpm socket --tpm2 --flags startup-clear --tpmstate "dir=$WORK/tpm" \
		--ctrl "type=unixio,path=$WORK/tpm.sock" </dev/null >"$ERR" 2>&1 &
	SWTPM=$!
	soon "$HANG_SECONDS" test -S "$WORK/tpm.sock"
}

# shellcheck disable=SC2054 # no list
readonly TPM=(--machine q35 --qemu-arg=-bios --qemu-arg=qboot.rom
	--qemu-arg=-chardev "--qemu-arg=socket,id=tpm,path=$WORK/tpm.sock"
	--qemu-arg=-tpmdev --qemu-arg=emulator,id=tpm0,chardev=tpm
	--qemu-arg=-device --qemu-arg=tpm-tis,tpmdev=tpm0)

# Commands for the guest. It has no udev, so they run what the rule runs.
# shellcheck disable=SC2016 # expanded in there
readonly COMMAND='set -e
hw=/sys/class/misc/hw_random
current() {
	cat $hw/rng_current
}
take() {
	timeout $HANG_SECONDS head -c $1 /dev/hwrng | wc -c
}
echo "first=$(current)"
insmod $(find /lib/modules -name vrng.ko)
echo "loaded=$(current)"
choose
echo "chosen=$(current)"
echo "bytes=$(take $BYTES)"
echo "read=$(cat /sys/bus/virtio/drivers/vrng/virtio*/vrng/bytes_read)"
echo tpm-rng-0 >$hw/rng_current
choose
echo "kept=$(current)"
echo "of_tpm=$(take 64)"
'

# The guest has only the modules that it asks for, and the TPM has to be there before them.
tpm_is_a_module() {
	local entry
	entry=$("$TOP/tests/guest/kernel" "$1") &&
		grep -qsx -e CONFIG_TCG_TIS=m -e CONFIG_HW_RANDOM_TPM=m "$entry/config"
}

serves() {
	prints chosen virtio && holds "bytes == BYTES" "read >= BYTES"
}

for kernel in ${KERNELS:-debian}; do
	[[ $kernel != uml* ]] || continue # it has no TPM
	needs "$kernel"
	[ -n "$SKIP_REASON" ] || command -v swtpm >/dev/null ||
		SKIP_REASON="swtpm: not found; run 'make deps'"
	[ -n "$SKIP_REASON" ] || ! tpm_is_a_module "$kernel" ||
		SKIP_REASON="$kernel has its TPM or the hwrng of it as a module"
	[ -n "$SKIP_REASON" ] || tpm_begin
	check "$kernel: a guest with a TPM" in_guest --kernel "$kernel" \
		--driver none "${TPM[@]}" --file "$TOP/packaging/udev/choose" -- \
		"BYTES=$BYTES HANG_SECONDS=$HANG_SECONDS $COMMAND"
	note loaded
	check "$kernel: the TPM is the first hwrng" prints first tpm-rng-0
	check "$kernel: vrng takes its place, and serves" serves
	check "$kernel: a TPM that somebody chose stays, and serves" \
		eval 'prints kept tpm-rng-0 && holds "of_tpm == 64"'
	tpm_end
done

done_testing
