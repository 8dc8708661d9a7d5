# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Guests that are saved into a snapshot and resumed from it, for clone and fleet, after
# common.sh and until.sh. Set before: WORK, a folder; KEEP, not empty to keep it; WITH_ID,
# not empty for a machine with a generation ID.
#
# The program defines start NAME IS-FORK [QEMU-OPTION...], which starts a guest in the
# background and adds its pid to PIDS. The guest's output goes to $WORK/NAME.said, its
# messages to $WORK/NAME.err. The line "ready", with or without a time before it, means
# that the snapshot may be taken.

# Seconds for a guest to become ready, for a snapshot and for an answer of the monitor,
# and for all that a guest does. Only a hang takes longer, on a busy machine, too.
readonly PATIENCE=300
readonly GUEST_SECONDS=$((2 * PATIENCE))
readonly MEMORY=${MEMORY:-160} # MiB

PIDS=()

clean_up() {
	local pid
	trap - EXIT
	for pid in ${PIDS[@]+"${PIDS[@]}"}; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	if [ -n "$KEEP" ]; then
		complain "kept $WORK"
	else
		rm -rf "$WORK"
	fi
}

# failed NAME MESSAGE...: exits with what the guest printed.
failed() {
	local name=$1
	shift
	tail -n 20 "$WORK/$name.err" "$WORK/$name.said" >&2 || true
	die "$EX_HARNESS" "$name: $*"
}

# snapshot_args NAME IS-FORK [QEMU-OPTION...]: sets SNAPSHOT_ARGS to the options of
# `guest` that give QEMU a monitor, and the guest a file that tells clones (1) from
# their origin (0). No snapshot has this file.
snapshot_args() {
	local name=$1 is_fork=$2 id=() option
	shift 2
	mkfifo "$WORK/$name.in" "$WORK/$name.out"
	[ -z "$WITH_ID" ] || id=(-device "vmgenid,guid=auto")
	SNAPSHOT_ARGS=()
	for option in -fw_cfg "name=opt/vrng/fork,string=$is_fork" \
		-chardev "pipe,id=monitor,path=$WORK/$name" \
		-mon chardev=monitor,mode=control \
		-global migration.store-global-state=off \
		${id[@]+"${id[@]}"} "$@"; do
		SNAPSHOT_ARGS+=("--qemu-arg=$option")
	done
}

# answer NAME WORD: copies the monitor's lines to $WORK/NAME.monitor until one has WORD.
answer() {
	local line
	while read -r -t "$PATIENCE" line <&9; do
		printf '%s\n' "$line" >>"$WORK/$1.monitor"
		case $line in
		*"\"$2\""*) return ;;
		*'"error":'*) failed "$1" "monitor: $line" ;;
		esac
	done
	failed "$1" "monitor: no $2"
}

# ask NAME COMMAND [ARGUMENTS]: sends a command to the monitor that was opened last.
ask() {
	printf '{"execute":"%s","arguments":{%s}}\n' "$2" "${3-}" >&8
	answer "$1" return
}

last_answer() {
	tail -n 1 "$WORK/$1.monitor"
}

# Lets ask() talk to this guest. Each pipe is opened for reading and writing, so that
# neither end waits for the other.
use_monitor() {
	exec 8<>"$WORK/$1.in" 9<>"$WORK/$1.out"
}

# Opens the monitor of a guest, and saves its generation ID in $WORK/NAME.id.
open_monitor() {
	use_monitor "$1"
	ask "$1" qmp_capabilities
	[ -n "$WITH_ID" ] || return 0
	ask "$1" query-vm-generation-id
	last_answer "$1" >"$WORK/$1.id"
}

# dump NAME: stops the guest, writes its memory to $WORK/NAME.memory, and ends it.
dump() {
	use_monitor "$1"
	ask "$1" stop
	ask "$1" pmemsave "\"val\":0,\"size\":$((MEMORY << 20)),
		\"filename\":\"$WORK/$1.memory\""
	ask "$1" quit
}

is_saved() {
	ask origin query-migrate
	last_answer origin | grep -q '"status": "completed"'
}

is_ready() {
	grep -qsE '(^| )ready$' "$WORK/origin.said"
}

is_ready_or_ended() {
	is_ready || is_gone "${PIDS[0]}"
}

# Starts the guest "origin" and saves it in $WORK/snapshot. It is stopped first: QEMU's
# TCG loses a write now and then to a page that it saves while a processor runs. Clones
# run at once, as the snapshot does not say that it was stopped (store-global-state).
take_snapshot() {
	start origin 0
	soon "$PATIENCE" is_ready_or_ended || true
	is_ready || failed origin "not ready"
	open_monitor origin
	ask origin stop
	ask origin migrate-set-parameters '"max-bandwidth":0'
	ask origin migrate "\"uri\":\"exec:cat >$WORK/snapshot\""
	soon "$PATIENCE" is_saved || failed origin "not saved"
	ask origin quit
	wait "${PIDS[0]}" || true # its command did not end, so it has no status
	PIDS=()
}
