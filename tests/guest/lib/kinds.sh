# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Can guests with this kernel run on this machine? A trivial one is tried, and
# the result is kept in build/. One case reports a kind of guest that does not
# run; the cases that depend on it are skipped. BUILD is set before.
#
# GUEST_RUN names a run of several test files; make sets it. Within one run a
# failure is reported once. Without it each file tries again and reports itself,
# so that no file passes by skipping alone.
#
# A success is believed until the kernel, the processor or the boot changes: if
# such guests stop working, the cases themselves fail.

KIND_ROOM=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..
# Longer than it takes to get a kernel and to boot it, in seconds.
readonly KIND_PATIENCE=1800
declare -A KIND_KNOWN=() # kernel: why its guests do not run, or nothing

kind_file() {
	printf '%s/tests/guest/kinds/%s\n' "$BUILD" "${1//\//_}"
}

# kind_key KERNEL: a success holds as long as this is the same.
kind_key() {
	local entry=$1 processor
	[ -e "$entry" ] || entry=$("$KIND_ROOM/kernel" "$1" </dev/null) || return
	processor=$(grep -m 2 -E '^(model name|flags|CPU part|Features|isa)' \
		/proc/cpuinfo | sha256sum)
	echo "$entry ${QEMU-} ${processor%% *}" \
		"$(</proc/sys/kernel/random/boot_id)"
}

# The last complaint in FILE, without the program's name and the character that
# begins a directive of TAP.
kind_complaint() {
	local line
	line=$(grep -E '^[a-z]+: ' "$1" | tail -n 1 | tr -d '#')
	line=${line#*: }
	printf '%s\n' "${line:-it ended without a word}"
}

# kind_try KERNEL FILE: prints why a guest does not run, or nothing. What was said
# about it goes to FILE, and the end of the console.
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

# kind_recorded FILE: sets KIND_WHY to the result of this very run.
kind_recorded() {
	local run=none
	[ ! -f "$1" ] || { read -r run && read -r && read -r KIND_WHY; } <"$1"
	[ "$run" = "${GUEST_RUN:-of no name}" ]
}

# kind_find KERNEL FILE: sets KIND_WHY, and KIND_NEW if this is the first to know.
kind_find() {
	local key last
	if ! key=$(kind_key "$1" 2>"$2.words"); then
		KIND_WHY=$(kind_complaint "$2.words")
	# The reason is its last line: a record without one ends with the key.
	elif last=$(tail -n +2 "$2" 2>/dev/null) && [ "$last" = "$key" ]; then
		KIND_WHY=
	else
		KIND_WHY=$(kind_try "$1" "$2.words")
	fi
	KIND_NEW=$KIND_WHY
	printf '%s\n' "${GUEST_RUN:-none}" "$key" "$KIND_WHY" >"$2.$$" &&
		mv "$2.$$" "$2"
}

# kind_look KERNEL: sets KIND_WHY to why its guests do not run, or to nothing;
# KIND_NEW to the same if no case of this run has reported it yet; KIND_WORDS to
# the file with what the guest said.
kind_look() {
	local file lock
	file=$(kind_file "$1")
	KIND_WORDS=$file.words
	KIND_NEW=
	KIND_WHY=${KIND_KNOWN[$1]-}
	[ -z "${KIND_KNOWN[$1]+known}" ] || return 0
	mkdir -p "${file%/*}"
	# One file of a run finds it out, and the others wait for that.
	exec {lock}>"$file.lock"
	flock -w "$KIND_PATIENCE" "$lock" || echo "# $file.lock: held for $KIND_PATIENCE s"
	kind_recorded "$file" || kind_find "$1" "$file" {lock}>&-
	exec {lock}>&-
	KIND_KNOWN[$1]=$KIND_WHY
}

# kind_forget KERNEL: the next look tries it, unless another file of this run did.
kind_forget() {
	local file
	file=$(kind_file "$1")
	kind_recorded "$file" || rm -f "$file"
	unset "KIND_KNOWN[$1]"
}
