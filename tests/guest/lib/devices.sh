# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For cases with several devices in one guest, after tap.sh: starts vhost-user-rng
# processes, and makes the options of `guest` that attach them.

DEVICE_PIDS=()
DEVICE_SOCKETS=()

devices_end() {
	local pid
	for pid in ${DEVICE_PIDS[@]+"${DEVICE_PIDS[@]}"}; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	DEVICE_PIDS=()
	DEVICE_SOCKETS=()
}
trap 'devices_end; rm -rf "$WORK"' EXIT

# device_begin NAME [ARGUMENT...]: starts a device and waits until it listens. Its log is
# $WORK/NAME.log.
device_begin() {
	local name=$1
	shift
	: >"$WORK/$name.log"
	"$BUILD/tests/device/vhost-user-rng" \
		--socket-path="$WORK/$name.sock" --source="$DRBG" "$@" \
		</dev/null >>"$WORK/$name.log" 2>&1 &
	DEVICE_PIDS+=($!)
	DEVICE_SOCKETS+=("$WORK/$name.sock")
	soon "$HANG_SECONDS" grep -q listening "$WORK/$name.log" || {
		echo "Bail out! $(cat "$WORK/$name.log")"
		exit 1
	}
}

# devices_for KERNEL: sets DEVICES to the options that attach all devices, in the order
# in which they were started.
devices_for() {
	local kernel=$1 socket n=0
	DEVICES=(--device none)
	for socket in "${DEVICE_SOCKETS[@]}"; do
		case $kernel in
		uml*) DEVICES+=(--append "virtio_uml.device=$socket:4") ;;
		*) DEVICES+=(
			--qemu-arg=-chardev
			"--qemu-arg=socket,id=device$n,path=$socket"
			--qemu-arg=-device
			"--qemu-arg=vhost-user-rng-pci,chardev=device$n"
		) ;;
		esac
		n=$((n + 1))
	done
}
