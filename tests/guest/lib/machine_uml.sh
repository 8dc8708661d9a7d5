# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest as User Mode Linux. The kernel's console goes to stderr, the command's
# output and init's lines to serial lines that are our file descriptors.

uml_device() {
	case ${OPT[device]} in
	vhost-user) echo "virtio_uml.device=$DEVICE_SOCKET:4" ;;
	esac
}

machine_uml() {
	local line=(mem="${OPT[memory]}M" initrd="$RUN/initramfs" noreboot panic=-1
		uml_dir="$RUN/uml/" umid=guest loglevel=5 con=null
		GUEST_OUT=/dev/ttyS0 GUEST_STATUS=/dev/ttyS1)
	[ -z "$PROMPT" ] || line+=("GUEST_TTY=$(stty size <&3 | tr ' ' x)")
	[ -z "${OPT[leaks]}" ] || line+=(GUEST_LEAKS=1)
	# A pipe for the status too: UML waits for its lines with epoll, which
	# knows no regular files.
	mkfifo "$RUN/status.pipe"
	cat "$RUN/status.pipe" >"$RUN/status" &
	local reader=$! status=0
	if [ -n "$PROMPT" ]; then
		line+=("ssl0=fd:0,fd:1")
	else
		line+=("ssl0=null,fd:5")
	fi
	# shellcheck disable=SC2046 # none or one word
	bounded "$KERNEL_IMAGE" "${line[@]}" ssl1=null,fd:6 $(uml_device) \
		${APPEND[@]+"${APPEND[@]}"} \
		5>&1 6>"$RUN/status.pipe" 2>"$RUN/console" || status=$?
	wait "$reader"
	return "$status"
}
