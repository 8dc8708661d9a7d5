#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The host's device with a QEMU that is newer than this machine's own.
. "$(dirname "$0")/tap.sh"

# Seconds for its download.
readonly PATIENCE=600

stream_arrives() {
	in_guest --device vhost-user --source "$DRBG" "${TOOLS[@]}" "$@" -- \
		"streamcheck /dev/hwrng $DRBG 300000 64 4096 16 65536"
}

QEMU=$(timeout "$PATIENCE" "$HERE/qemu" 2>"$ERR")
export QEMU
check "a newer QEMU is available" [ -x "$QEMU" ]
if [ -x "$QEMU" ]; then
	needs debian
	ours=$(qemu-system-x86_64 --version | head -n 1)
	newer=$("$QEMU" --version | head -n 1)
	check "it differs from this machine's (${newer#*version })" \
		[ "$newer" != "$ours" ]
	for driver in vrng virtio_rng; do
		check "split ring, $driver: the stream arrives" \
			stream_arrives --driver $driver
	done
	check "packed ring, vrng: the stream arrives" stream_arrives \
		--qemu-arg=-global \
		--qemu-arg=vhost-user-rng-pci.packed=on
fi

done_testing
