# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest in QEMU. Its three serial ports are the kernel's console, the command's
# output and init's lines to us.

readonly QEMU=${QEMU:-qemu-system-x86_64}

# A comma ends a value in QEMU's options, two are one.
qemu_quoted() {
	printf '%s' "${1//,/,,}"
}

qemu_device_egd() {
	local address=$1
	case $address in
	unix:?*) echo "socket,id=rng-peer,path=$(qemu_quoted "${address#unix:}")" ;;
	?*:?*) echo "socket,id=rng-peer,host=${address%:*},port=${address##*:}" ;;
	*) wrong_usage "--device egd:$address: not HOST:PORT or unix:PATH" ;;
	esac
}

# Sets QEMU_DEVICE to the options for --device.
qemu_device() {
	local peer
	QEMU_DEVICE=()
	case ${OPT[device]} in
	none) ;;
	builtin) QEMU_DEVICE=(-device virtio-rng-pci) ;;
	random:*)
		peer=$(qemu_quoted "${OPT[device]#random:}")
		QEMU_DEVICE=(-object "rng-random,id=rng0,filename=$peer"
			-device "virtio-rng-pci,rng=rng0")
		;;
	egd:*)
		peer=$(qemu_device_egd "${OPT[device]#egd:}") || exit
		QEMU_DEVICE=(-chardev "$peer"
			-object "rng-egd,id=rng0,chardev=rng-peer"
			-device "virtio-rng-pci,rng=rng0")
		;;
	vhost-user)
		peer=$(qemu_quoted "$DEVICE_SOCKET")
		QEMU_DEVICE=(-chardev "socket,id=rng-peer,path=$peer"
			-device "vhost-user-rng-pci,chardev=rng-peer")
		;;
	esac
}

# The kernel's log at warning level and above: a slow line is time lost.
# no_timer_check: a kernel counts the timer's ticks in a short loop, and panics
# ("IO-APIC + timer doesn't work") where a busy host emulates none in that time.
qemu_kernel_line() {
	local line=(console=ttyS0 loglevel=5 mitigations=off no_timer_check panic=-1
		GUEST_OUT=/dev/ttyS1 GUEST_STATUS=/dev/ttyS2)
	[ -z "$PROMPT" ] || line+=("GUEST_TTY=$(terminal_size)")
	[ -z "${OPT[leaks]}" ] || line+=(GUEST_LEAKS=1)
	line+=(${APPEND[@]+"${APPEND[@]}"})
	echo "${line[*]}"
}

machine_pc() {
	local accel
	command -v "$QEMU" >/dev/null || die "$EX_UNAVAILABLE" \
		"$QEMU: not found; run 'make deps' or set QEMU"
	accel=$(choose_accel "${OPT[accel]}") || exit
	qemu_device
	# shellcheck disable=SC2086 # accel is several words
	bounded TERM "$QEMU" -nodefaults -no-user-config -display none -no-reboot \
		-machine pc,memory-backend=guest-ram $accel \
		-object "memory-backend-memfd,id=guest-ram,share=on,size=${OPT[memory]}M" \
		-m "${OPT[memory]}" -smp "${OPT[cpus]}" \
		-kernel "$KERNEL_IMAGE" -initrd "$RUN/initramfs" \
		-append "$(qemu_kernel_line)" \
		-chardev "file,id=console,path=$RUN/console.pipe" -serial chardev:console \
		-chardev stdio,id=out,signal=off -serial chardev:out \
		-chardev "file,id=status,path=$RUN/status.pipe" -serial chardev:status \
		${QEMU_DEVICE[@]+"${QEMU_DEVICE[@]}"} ${QEMU_ARGS[@]+"${QEMU_ARGS[@]}"} \
		2>"$RUN/machine.log"
}
