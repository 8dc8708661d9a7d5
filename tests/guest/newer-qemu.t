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

	# QEMU's vmclock has no counter of generations. A loader gives it the flag, and
	# the guest itself writes another number, as a hypervisor would.
	vmclock=(--qemu-arg=-device --qemu-arg=vmclock)
	page=$((0xfeffb000))
	renumber="devmem $((page + 104)) 32 1
		dd if=/dev/hwrng of=/dev/null bs=64 count=1 2>/dev/null
		$SHOW_COUNTERS"
	check "vmclock without a counter: a guest runs" \
		in_guest "${vmclock[@]}" -- "$SHOW_COUNTERS"
	check "vmclock without a counter shows no fork" prints fork_notice none
	check "vmclock with a counter: a guest changes it" in_guest \
		"${vmclock[@]}" --append iomem=relaxed --qemu-arg=-device \
		--qemu-arg="loader,addr=$((page + 24)),data=0x100,data-len=8" -- \
		"$renumber"
	check "vmclock with a counter shows forks" prints fork_notice vmclock
	check "vmclock with a counter: the next read sees a fork" \
		holds "clone_generation == 1"
fi

done_testing
