# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest as User Mode Linux. The kernel's console, the command's output and
# init's lines are each a descriptor of ours.

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

# UML waits for its lines with epoll, which knows no regular files: all of them
# are pipes. They are read to their end, when UML and its helpers are gone.
machine_uml() {
	local line status=0
	mapfile -t line < <(uml_line)
	mkfifo "$RUN/status.pipe" "$RUN/console.pipe"
	cat "$RUN/status.pipe" >"$RUN/status" &
	local status_reader=$!
	cat "$RUN/console.pipe" >"$RUN/console" &
	local console_reader=$!
	(bounded "$KERNEL_IMAGE" "${line[@]}") 5>&1 6>"$RUN/status.pipe" \
		7>"$RUN/console.pipe" 2>"$RUN/machine.log" || status=$?
	wait "$status_reader" "$console_reader"
	return "$status"
}
