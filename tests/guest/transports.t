#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The driver on every transport of x86: the bytes of the host's source arrive, none
# lost, repeated or moved, the counters account for each byte, and the module unloads
# and leaves nothing mapped. Each guest also checks that the transport is the one in the
# case's name.
#
# ONLY is a regular expression: only transports with matching names are tried.
. "$(dirname "$0")/tap.sh"

readonly QEMU=${QEMU:-qemu-system-x86_64}
readonly KERNEL=${KERNEL:-debian}
readonly BYTES=2097152

# The source of QEMU's own device, for transports without vhost-user: text of lines that
# all differ.
readonly ENTROPY=$WORK/entropy
awk 'BEGIN {
	srand(20261127)
	for (line = 0; line < 196608; line++)
		printf "%08x%07x\n", rand() * 2 ^ 30, line
}' >"$ENTROPY"

# Commands for the guest, before the stream is read. Of the features, character 33 is
# VIRTIO_F_VERSION_1, 34 ACCESS_PLATFORM and 35 RING_PACKED.
# shellcheck disable=SC2016 # expanded in there
readonly BEGIN='set -e
driver=/sys/bus/virtio/drivers/vrng
device=$(readlink -f $driver/virtio*)
parent=${device%/*}
slots() {
	cat /sys/kernel/debug/swiotlb/io_tlb_used 2>/dev/null || echo 0
}
echo features=$(cut -c33-35 $device/features)
echo bus=$(basename $(readlink -f $parent/subsystem))
echo id=$(cat $parent/device 2>/dev/null || echo none)
echo iommu=$(cat $parent/iommu_group/type 2>/dev/null)
reader= after=
# The device answers while each dd starts, so the reader never waits.
read_slowly() {
	for i in $(seq 200); do
		dd if=/dev/hwrng of=/dev/null bs=16k count=1 2>/dev/null
	done
}
'

# The kernel counts how often the driver enables callbacks, and how often a buffer is
# copied through a bounce buffer.
# shellcheck disable=SC2016
readonly COUNT='
cd /sys/kernel/tracing
echo p:armed virtqueue_enable_cb >kprobe_events
echo p:bounced swiotlb_tbl_map_single >>kprobe_events
echo 1 >events/kprobes/enable
echo interrupts_before=$(cat $device/vrng/interrupts)
'
# shellcheck disable=SC2016
readonly SHOW_COUNTS='
echo interrupts_after=$(cat $device/vrng/interrupts)
awk "{ print \$1 \"=\" \$2 }" /sys/kernel/tracing/kprobe_profile
'

# Unloads the module, which must free its slots in bounce buffers.
# shellcheck disable=SC2016
readonly END='
cd /
echo 0 >/sys/kernel/tracing/events/kprobes/enable
rmmod vrng
[ ! -e $driver ]
echo slots_left=$(slots)
'

# serves SPEC [OPTION...] [-- COMMAND]: runs a guest that reads. COMMAND, which runs
# before, may set reader to a prefix for streamcheck, and after to a command that
# follows it.
serves() {
	local spec=$1 options=() first=
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	[ $# -eq 0 ] || first=$2
	in_guest --kernel "$KERNEL" "${TOOLS[@]}" "${options[@]}" -- "$BEGIN
		$first
		$COUNT
		\$reader streamcheck /dev/hwrng $spec $BYTES 1 7 63 64 65 4096 65536
		$SHOW_COUNTERS
		\$after
		$SHOW_COUNTS
		$END"
}

is_clean() {
	is_accounted "$BYTES" && holds "slots_left == 0"
}

# A device whose interrupts are not disabled sends one in two laps of a packed ring, 25
# in read_slowly. A few more than the driver enabled are allowed: the device may read the
# flag while the driver changes it. A reader that never waits enables none.
is_silent() {
	holds "armed >= 0" "interrupts_after - interrupts_before <= armed + 4"
}

# has NAME: does QEMU have this device or machine?
has() {
	"$QEMU" -device help 2>/dev/null | grep -q "^name \"$1\"" ||
		"$QEMU" -machine help 2>/dev/null | grep -q "^$1 "
}

# transport NAME NEEDS CLAIM SPEC [OPTION...] [-- COMMAND]: the cases of a transport.
# QEMU must have NEEDS; the function CLAIM checks that it was that transport.
transport() {
	local name=$1 needs=$2 claim=$3 what
	what="$name: $BYTES bytes in odd sizes are the host's stream"
	shift 3
	[[ $name =~ ${ONLY-} ]] || return 0
	if ! has "$needs"; then
		skip "$what" "$QEMU has no $needs"
		return
	fi
	check "$what" serves "$@"
	check "$name: it is that transport" "$claim"
	check "$name: each byte is accounted for, and the module leaves nothing" \
		is_clean
	check "$name: the device interrupts only when the driver enables it" is_silent
	note armed interrupts_after kicks requests
}

# globals DEVICE PROPERTY...: sets GLOBALS to the options that give every such device
# these properties.
globals() {
	local device=$1 property
	shift
	GLOBALS=()
	for property; do
		GLOBALS+=(--qemu-arg=-global "--qemu-arg=$device.$property")
	done
}

# ------------------------------------------------------------- what is claimed

# is_on BUS ID FEATURES: FEATURES are VERSION_1, ACCESS_PLATFORM, RING_PACKED.
is_on() {
	prints bus "$1" && prints id "$2" && prints features "$3"
}

# The interrupts arrived at the second processor; the reader was on the first.
is_smp() {
	is_on pci 0x1044 100 && holds "second >= 1"
}

is_behind_iommu() {
	is_on pci 0x1044 110 && [[ $(value iommu) == DMA* ]]
}

is_bounced() {
	is_on pci 0x1044 "$1" &&
		holds "bounced >= requests / 2"
}

is_modern_pci() {
	is_on pci 0x1044 100
}
is_split_and_bounced() {
	is_bounced 110
}
is_packed() {
	is_on pci 0x1044 101
}
is_packed_and_bounced() {
	is_bounced 111
}
is_legacy_pci() {
	is_on pci 0x1005 000
}
is_mmio() {
	is_on platform none 100
}

# ------------------------------------------------------------- the transports

readonly OURS=(--device vhost-user --source "$DRBG")
readonly QEMUS=(--device "random:$ENTROPY" --file "$ENTROPY:/entropy")
readonly SWIOTLB=(--append swiotlb=force)

needs "$KERNEL"

transport "pci" vhost-user-rng-pci is_modern_pci "$DRBG" "${OURS[@]}"

globals vhost-user-rng-pci vectors=2
# shellcheck disable=SC2016 # expanded in the guest
transport "pci, MSI-X, two processors" vhost-user-rng-pci is_smp "$DRBG" \
	"${OURS[@]}" "${GLOBALS[@]}" --cpus 2 -- '
	show_interrupts() {
		sed -n "s/^ *\([0-9]*\): *\([0-9]*\) *\([0-9]*\) *PCI-MSI.*-input$/\
			irq=\1 first=\2 second=\3/p" /proc/interrupts
	}
	eval $(show_interrupts)
	echo 2 >/proc/irq/$irq/smp_affinity
	reader="taskset 1"
	after=show_interrupts'

globals virtio-rng-pci disable-legacy=on iommu_platform=on
transport "pci behind intel-iommu" intel-iommu is_behind_iommu file:/entropy \
	"${QEMUS[@]}" "${GLOBALS[@]}" --machine q35 --append intel_iommu=on \
	--qemu-arg=-device --qemu-arg=intel-iommu

globals vhost-user-rng-pci iommu_platform=on
transport "pci, swiotlb=force" vhost-user-rng-pci is_split_and_bounced "$DRBG" \
	"${OURS[@]}" "${GLOBALS[@]}" "${SWIOTLB[@]}"

globals vhost-user-rng-pci packed=on
transport "pci, packed ring" vhost-user-rng-pci is_packed "$DRBG" "${OURS[@]}" \
	"${GLOBALS[@]}" -- 'after=read_slowly'

globals vhost-user-rng-pci packed=on iommu_platform=on
transport "pci, packed ring, swiotlb=force" vhost-user-rng-pci \
	is_packed_and_bounced "$DRBG" "${OURS[@]}" "${GLOBALS[@]}" "${SWIOTLB[@]}" \
	--device-arg --access-platform

globals virtio-rng-pci disable-modern=on
transport "pci, legacy" virtio-rng-pci is_legacy_pci file:/entropy \
	"${QEMUS[@]}" "${GLOBALS[@]}"

transport "microvm, virtio-mmio" microvm is_mmio "$DRBG" "${OURS[@]}" \
	--machine microvm

done_testing
