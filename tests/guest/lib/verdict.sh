# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a run came to.

# How much of the console is shown.
readonly CONSOLE_LINES=40

# The first words of what kernels say when something is wrong in them. Each
# stands at the start of a line, after the time stamp.
readonly REPORTS='BUG:|BUG |WARNING:|KASAN:|UBSAN:|KFENCE:|Oops|ODEBUG:|'\
'Kernel panic|kernel BUG at|general protection fault|Unable to handle kernel|'\
'INFO: (rcu|task|possible|inconsistent|trying)|rcu: INFO:|'\
'(list_(add|del) corruption|refcount_t:|unreferenced object|Call Trace:)|'\
'watchdog: BUG|Internal error|kmemleak: [0-9]+ new'

# bounded SIGNAL COMMAND...: in place of this shell, and ended with its whole
# group when the time is up.
bounded() {
	local signal=$1
	shift
	if [ "${OPT[timeout]}" = 0 ]; then
		exec "$@"
	fi
	exec timeout --signal="$signal" --kill-after=2 "${OPT[timeout]}" "$@"
}

# The console as plain lines, in a file: a pipe to a reader that stops early
# would fail, and with it the search.
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

# The last word of init, as "exit N" or "error TEXT".
last_word() {
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

# verdict STATUS: that of the machine. Exits with that of the run.
verdict() {
	local machine=$1 found word
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
	word=$(last_word) || no_status "$machine"
	case $word in
	exit\ *) exit "${word#exit }" ;;
	*)
		show_console
		die "$EX_HARNESS" "init: ${word#error }"
		;;
	esac
}
