#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A firmware's driver comes first: OVMF uses the entropy device for EFI_RNG_PROTOCOL, from
# which Linux's EFI stub takes a seed. Then it resets the device, and Linux's driver
# starts on it. Without an entropy device there is no seed.
. "$(dirname "$0")/tap.sh"

readonly IMAGES=(/usr/share/ovmf/OVMF.fd /usr/share/edk2/ovmf/OVMF_CODE.fd)
readonly BYTES=262144

# A command for the guest.
readonly SEEDED="echo seeded=\$(dmesg | grep -c 'efi: .* RNG=')"

# firmware: prints the image of OVMF.
firmware() {
	local image
	for image in "${IMAGES[@]}"; do
		[ ! -r "$image" ] || break
	done
	[ -r "$image" ] && echo "$image"
}

# boot OPTION... -- COMMAND: a firmware starts no ELF image, but the kernel's own.
boot() {
	in_guest --kernel debian "${TOOLS[@]}" --append loglevel=7 \
		--qemu-arg=-bios --qemu-arg="$OVMF" \
		--qemu-arg=-kernel --qemu-arg="$VMLINUZ" "$@"
}

needs debian
OVMF=$(firmware) || SKIP_REASON="OVMF: not found; run 'make deps'"
VMLINUZ=$("$HERE/kernel" debian)/vmlinuz
[ -n "$SKIP_REASON" ] || [ -r "$VMLINUZ" ] ||
	SKIP_REASON="$VMLINUZ: not found; a kernel of another machine"

for driver in vrng virtio_rng; do
	check "OVMF, then $driver: the stream arrives" boot --device vhost-user \
		--source "$DRBG" --driver $driver -- "$SEEDED
		streamcheck /dev/hwrng $DRBG $BYTES 1 64 4096 65536"
	check "OVMF, then $driver: Linux has a seed of the firmware" prints seeded 1
done
check "OVMF without an entropy device" boot --device none \
	--driver none -- "$SEEDED"
check "OVMF without an entropy device: there is no seed" prints seeded 0

done_testing
