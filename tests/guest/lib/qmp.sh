# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Commands to a guest's QEMU while it runs (QMP), after tap.sh.

# To be called before the guest is started. Sets QMP to the options of `guest` that give
# QEMU the monitor.
qmp_open() {
	mkfifo "$WORK/qmp.in" "$WORK/qmp.out"
	# Both are opened for reading and writing, so that neither end waits for the
	# other.
	exec 8<>"$WORK/qmp.in" 9<>"$WORK/qmp.out"
	QMP=(--qemu-arg=-chardev "--qemu-arg=pipe,id=qmp,path=$WORK/qmp"
		--qemu-arg=-mon --qemu-arg=chardev=qmp,mode=control)
	echo '{"execute": "qmp_capabilities"}' >&8
}

qmp_close() {
	exec 8>&- 9>&-
	rm -f "$WORK/qmp.in" "$WORK/qmp.out"
}

# qmp_wait TEXT: waits until QEMU prints it, for up to 60 s a line.
qmp_wait() {
	local line
	while read -r -t 60 -u 9 line; do
		case $line in
		*"$1"*) return 0 ;;
		*'"error"'*) break ;;
		esac
	done
	echo "# QEMU did not say $1 but ${line:-nothing}"
	return 1
}

# qmp COMMAND ARGUMENTS: sends a command, with arguments in JSON, and waits for the
# answer.
qmp() {
	echo "{\"execute\": \"$1\", \"arguments\": {$2}}" >&8
	qmp_wait '"return"'
}
