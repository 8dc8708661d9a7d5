# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For cases that read the report of clone, a line for each pair of clones in $OUT.

# pairs: prints how many there are.
pairs() {
	wc -l <"$OUT"
}

# each_line TERM...: is each of these true of every pair? The names are those that clone
# prints.
each_line() {
	local line lines
	mapfile -t lines <"$OUT"
	for line in "${lines[@]}"; do
		echo "$line" >"$WORK/pair"
		OUT=$WORK/pair holds "$@" || return
	done
}

report() {
	sed 's/^/# /' "$OUT"
}
