# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest in QEMU, with three channels: the kernel's console, the command's output and
# init's lines to the host. Needs machines.sh.

readonly QEMU=${QEMU:-qemu-system-x86_64}

# A comma ends a value in QEMU's options; two commas stand for one.
qemu_quoted() {
	printf '%s' "${1//,/,,}"
}

# qemu_egd ADDRESS: prints the chardev. options.sh has checked the address.
qemu_egd() {
	case $1 in
	unix:*) echo "socket,id=rng-peer,path=$(qemu_quoted "${1#unix:}")" ;;
	*) echo "socket,id=rng-peer,host=${1%:*},port=${1##*:}" ;;
	esac
}

# Sets QEMU_DEVICE to the options for --device.
qemu_device() {
	local peer rng
	rng=$(transport_rng "${OPT[transport]}")
	QEMU_DEVICE=()
	case ${OPT[device]} in
	none) ;;
	builtin) QEMU_DEVICE=(-device "$rng") ;;
	random:*)
		peer=$(qemu_quoted "${OPT[device]#random:}")
		QEMU_DEVICE=(-object "rng-random,id=rng0,filename=$peer"
			-device "$rng,rng=rng0")
		;;
	egd:*)
		peer=$(qemu_egd "${OPT[device]#egd:}")
		QEMU_DEVICE=(-chardev "$peer"
			-object "rng-egd,id=rng0,chardev=rng-peer"
			-device "$rng,rng=rng0")
		;;
	vhost-user)
		peer=$(qemu_quoted "$DEVICE_SOCKET")
		QEMU_DEVICE=(-chardev "socket,id=rng-peer,path=$peer"
			-device "$(transport_vhost_user "${OPT[transport]}"),chardev=rng-peer")
		;;
	esac
	# shellcheck disable=SC2207 # words
	QEMU_DEVICE+=($(transport_options "${OPT[transport]}"))
}

# qemu_kernel_line ACCEL: prints the kernel's command line.
# loglevel=5: the console is slow, so it gets warnings and errors only.
# no_timer_check: at boot a kernel counts timer ticks in a short loop, and panics
# ("IO-APIC + timer doesn't work") where a busy host emulates none in that time.
qemu_kernel_line() {
	local line=("console=${CHANNELS[0]}" loglevel=5 mitigations=off no_timer_check
		panic=-1 "GUEST_OUT=/dev/${CHANNELS[1]}"
		"GUEST_STATUS=/dev/${CHANNELS[2]}")
	[ -z "$PROMPT" ] || line+=("GUEST_TTY=$(terminal_size)")
	[ -z "${OPT[leaks]}" ] || line+=(GUEST_LEAKS=1)
	[[ $1 != *tcg* ]] || line+=("$TCG_LINE")
	line+=(${APPEND[@]+"${APPEND[@]}"})
	echo "${line[*]}"
}

# Downloads an emulator that is not installed into the cache.
find_emulator() {
	if [ "$EMULATOR" = qemu-system-x86_64 ]; then
		EMULATOR=$QEMU
	elif ! command -v "$EMULATOR" >/dev/null; then
		EMULATOR=$("$HERE/qemu" machine "$EMULATOR") || exit
	fi
	command -v "$EMULATOR" >/dev/null || die "$EX_UNAVAILABLE" \
		"$EMULATOR: not found; run 'make deps' or set QEMU"
}

# Prints QEMU's options for the accelerator and, under TCG, for the processor.
machine_accel() {
	case $KERNEL_ARCH in
	amd64 | i386) choose_accel "${OPT[accel]}" ;;
	*)
		[ "${OPT[accel]}" != kvm ] || wrong_usage "--accel kvm: for x86" \
			"guests only; $KERNEL_ARCH is emulated"
		echo "$TCG_OPTIONS -cpu $CPU"
		;;
	esac
}

machine_qemu() {
	local accel
	find_emulator
	accel=$(machine_accel) || exit
	qemu_device
	machine_ports "$PORTS"
	# shellcheck disable=SC2086 # accel is several words
	bounded TERM "$EMULATOR" -nodefaults -no-user-config -display none -no-reboot \
		-machine "$MACHINE,memory-backend=guest-ram" $accel \
		-object "memory-backend-memfd,id=guest-ram,share=on,size=${OPT[memory]}M" \
		-m "${OPT[memory]}" -smp "${OPT[cpus]}" \
		-kernel "$KERNEL_IMAGE" -initrd "$RUN/initramfs" \
		-append "$(qemu_kernel_line "$accel")" \
		-chardev "file,id=console,path=$RUN/console.pipe" \
		-chardev stdio,id=out,signal=off \
		-chardev "file,id=status,path=$RUN/status.pipe" \
		"${PORT_OPTIONS[@]}" \
		${QEMU_DEVICE[@]+"${QEMU_DEVICE[@]}"} ${QEMU_ARGS[@]+"${QEMU_ARGS[@]}"} \
		2>"$RUN/machine.log"
}
