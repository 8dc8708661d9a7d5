# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest's QEMU told what to do while it runs, after tap.sh.

# Sets QMP, the options of `guest` that open it. Before the guest is started.
qmp_open() {
	mkfifo "$WORK/qmp.in" "$WORK/qmp.out"
	# To read and write, so that neither end waits for the other.
	exec 8<>"$WORK/qmp.in" 9<>"$WORK/qmp.out"
	QMP=(--qemu-arg=-chardev "--qemu-arg=pipe,id=qmp,path=$WORK/qmp"
		--qemu-arg=-mon --qemu-arg=chardev=qmp,mode=control)
	echo '{"execute": "qmp_capabilities"}' >&8
}

qmp_close() {
	exec 8>&- 9>&-
	rm -f "$WORK/qmp.in" "$WORK/qmp.out"
}

# qmp_wait TEXT: until QEMU says it, for up to 60 s a line.
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

# qmp COMMAND ARGUMENTS: both as they are in JSON; waits for its answer.
qmp() {
	echo "{\"execute\": \"$1\", \"arguments\": {$2}}" >&8
	qmp_wait '"return"'
}
