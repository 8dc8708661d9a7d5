# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest as User Mode Linux. run_machine opens the descriptors for the kernel's
# console (7), the command's output (5) and init's lines (6).

uml_device() {
	case ${OPT[device]} in
	vhost-user) echo "virtio_uml.device=$DEVICE_SOCKET:4" ;;
	esac
}

uml_line() {
	local line=(mem="${OPT[memory]}M" initrd="$RUN/initramfs"
		uml_dir="$RUN/uml/" umid=guest noreboot panic=-1
		console=tty0 loglevel=5 "con0=null,fd:7" con=null
		GUEST_OUT=/dev/ttyS0 GUEST_STATUS=/dev/ttyS1
		"ssl1=null,fd:6")
	if [ -n "$PROMPT" ]; then
		line+=("ssl0=fd:0,fd:1" "GUEST_TTY=$(terminal_size)")
	else
		line+=("ssl0=null,fd:5")
	fi
	[ -z "${OPT[leaks]}" ] || line+=(GUEST_LEAKS=1)
	printf '%s\n' "${line[@]}" ${APPEND[@]+"${APPEND[@]}"}
	uml_device
}

# Killed with SIGKILL at the timeout: on SIGTERM, UML cleans up in the middle of its
# current work, and its own checks report that.
machine_uml() {
	local line
	mapfile -t line < <(uml_line)
	bounded KILL "$KERNEL_IMAGE" "${line[@]}" 2>"$RUN/machine.log"
}
