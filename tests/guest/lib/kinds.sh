# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Finds out whether guests with a kernel run on this machine: boots a trivial one and
# keeps the result in build/. One case reports a kernel whose guests do not run; the
# cases that depend on it are skipped. BUILD is set before.
#
# GUEST_RUN names a run of several test files; make sets it. Within one run a failure is
# reported once. Without it each file tries again and reports the failure itself, so
# that no file passes with skipped cases only.
#
# A success is kept until the kernel, the processor or the host's boot changes: if such
# guests stop working, the cases themselves fail.

KIND_ROOM=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..
# Seconds. Longer than it takes to build a kernel and to boot it.
readonly KIND_PATIENCE=1800
declare -A KIND_KNOWN=() # by kernel: the reason why its guests do not run, or ''

kind_file() {
	printf '%s/tests/guest/kinds/%s\n' "$BUILD" "${1//\//_}"
}

# kind_key KERNEL: prints a key. A success is valid as long as the key is the same.
kind_key() {
	local entry=$1 processor
	[ -e "$entry" ] || entry=$("$KIND_ROOM/kernel" "$1" </dev/null) || return
	processor=$(grep -m 2 -E '^(model name|flags|CPU part|Features|isa)' \
		/proc/cpuinfo | sha256sum)
	echo "$entry ${QEMU-} ${processor%% *}" \
		"$(</proc/sys/kernel/random/boot_id)"
}

# kind_complaint FILE: prints the last message in it, without the program's name and
# without "#", which begins a directive of TAP.
kind_complaint() {
	local line
	line=$(grep -E '^[a-z]+: ' "$1" | tail -n 1 | tr -d '#')
	line=${line#*: }
	printf '%s\n' "${line:-it ended without a word}"
}

# kind_try KERNEL FILE: prints the reason why a guest does not run, or nothing. Messages
# and the end of the console go to FILE.
kind_try() {
	local said
	if said=$("$KIND_ROOM/guest" --kernel "$1" --device none --driver none \
		--console "$2.console" -- 'echo this guest runs' 2>"$2" \
		</dev/null) && [ "$said" = 'this guest runs' ]; then
		return
	fi
	kind_complaint "$2"
	[ ! -f "$2.console" ] || tail -n 20 "$2.console" |
		tr -cd '\n\t -~' | sed 's/^/| /' >>"$2"
}

# kind_recorded FILE: sets KIND_REASON to the result that this run has recorded. Status: 1
# if there is none.
kind_recorded() {
	local run=none
	[ ! -f "$1" ] || { read -r run && read -r && read -r KIND_REASON; } <"$1"
	[ "$run" = "${GUEST_RUN:-of no name}" ]
}

# kind_find KERNEL FILE: finds the result, sets KIND_REASON and KIND_NEW, and records it.
kind_find() {
	local key last
	if ! key=$(kind_key "$1" 2>"$2.log"); then
		KIND_REASON=$(kind_complaint "$2.log")
	# The last line is the reason. A record without a reason ends with the key.
	elif last=$(tail -n +2 "$2" 2>/dev/null) && [ "$last" = "$key" ]; then
		KIND_REASON=
	else
		KIND_REASON=$(kind_try "$1" "$2.log")
	fi
	KIND_NEW=$KIND_REASON
	printf '%s\n' "${GUEST_RUN:-none}" "$key" "$KIND_REASON" >"$2.$$" &&
		mv "$2.$$" "$2"
}

# kind_look KERNEL: sets KIND_REASON to the reason why its guests do not run, or to '';
# KIND_NEW to the same if no case of this run has reported it yet; KIND_LOG to the
# file with the guest's messages.
kind_look() {
	local file lock
	file=$(kind_file "$1")
	KIND_LOG=$file.log
	KIND_NEW=
	KIND_REASON=${KIND_KNOWN[$1]-}
	[ -z "${KIND_KNOWN[$1]+known}" ] || return 0
	mkdir -p "${file%/*}"
	# One test file of a run finds the result, and the others wait.
	exec {lock}>"$file.lock"
	flock -w "$KIND_PATIENCE" "$lock" || echo "# $file.lock: held for $KIND_PATIENCE s"
	kind_recorded "$file" || kind_find "$1" "$file" {lock}>&-
	exec {lock}>&-
	KIND_KNOWN[$1]=$KIND_REASON
}

# kind_forget KERNEL: makes the next kind_look boot a guest, unless another file of this
# run has done so.
kind_forget() {
	local file
	file=$(kind_file "$1")
	kind_recorded "$file" || rm -f "$file"
	unset "KIND_KNOWN[$1]"
}
