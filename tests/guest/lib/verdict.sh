# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The result of a run.

# Lines of the console that are shown.
readonly CONSOLE_LINES=40

# The first words of kernel reports: each begins a line, after the time stamp.
readonly REPORTS='BUG:|BUG |WARNING:|KASAN:|UBSAN:|KFENCE:|Oops|ODEBUG:|'\
'Kernel panic|kernel BUG at|general protection fault|Unable to handle kernel|'\
'INFO: (rcu|task|possible|inconsistent|trying)|rcu: INFO:|'\
'(list_(add|del) corruption|refcount_t:|unreferenced object|Call Trace:)|'\
'watchdog: BUG|Internal error|kmemleak: [0-9]+ new'

# bounded SIGNAL COMMAND...: runs COMMAND in place of this shell, and ends its whole
# process group at the timeout.
bounded() {
	local signal=$1
	shift
	if [ "${OPT[timeout]}" = 0 ]; then
		exec "$@"
	fi
	exec timeout --signal="$signal" --kill-after=2 "${OPT[timeout]}" "$@"
}

# Prints the name of a file with the console as plain lines. A pipe would break, and
# fail the search, when its reader stops early.
console_text() {
	[ -f "$RUN/console.txt" ] || tr -d '\r\0' <"$RUN/console" >"$RUN/console.txt"
	printf '%s\n' "$RUN/console.txt"
}

show_console() {
	echo "--- the end of the kernel's console:"
	tail -n "$CONSOLE_LINES" "$(console_text)"
	echo "---"
} >&2

report_line() {
	grep -a -n -m 1 -E "^(<[0-9]+>)?(\[[ 0-9.]+\] ?)?($REPORTS)" \
		"$(console_text)"
}

show_report() {
	local line=$1
	echo "--- from the kernel's console:"
	sed -n "$line,$((line + CONSOLE_LINES - 1))p" "$(console_text)"
	echo "---"
} >&2

# Prints the last line of init, "exit N" or "error TEXT".
last_line() {
	tr -d '\r' <"$RUN/status" | grep -a -E '^(exit [0-9]+|error .*)$' |
		tail -n 1
}

no_status() {
	local text
	text=$(tail -n 3 "$RUN/machine.log" 2>/dev/null || true)
	show_console
	die "$EX_HARNESS" "the guest ended without a status" \
		"(its machine's was $1)${text:+: $text}"
}

# verdict STATUS: exits with the status of the run; STATUS is that of the machine.
verdict() {
	local machine=$1 found line
	if found=$(report_line); then
		show_report "${found%%:*}"
		die "$EX_REPORT" "the guest's kernel reported: ${found#*:}"
	fi
	case $machine in
	64 | 69) exit "$machine" ;;
	124 | 137)
		show_console
		die "$EX_STALLED" "no end within ${OPT[timeout]} s, so it was" \
			"killed; give more by --timeout if it was busy"
		;;
	esac
	line=$(last_line) || no_status "$machine"
	case $line in
	exit\ *) exit "${line#exit }" ;;
	*)
		show_console
		die "$EX_HARNESS" "init: ${line#error }"
		;;
	esac
}
